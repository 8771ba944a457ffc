"""The door: aggregate, suppress, write an edition."""
