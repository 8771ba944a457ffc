"""Values every room speaks. Knows no other room of the house and no framework."""
