"""Member States, Sector Members and the bodies of a country; the people in them, their roles and their keys."""
