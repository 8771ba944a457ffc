"""The window: what the world sees, made from editions alone.

Knows `cop.editions` and `cop.kernel` and no other room: what an edition does not hold cannot be shown.
"""
