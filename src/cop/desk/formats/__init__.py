"""Days as people write them, where Django's own form is not a long one."""
