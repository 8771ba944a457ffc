"""The signed-in workspace, the form of those who report, and the service of partner organisations."""
