"""The group's meetings and numbered documents."""
