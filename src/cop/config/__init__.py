"""Settings: the observatory's own (`observatory.toml`) and Django's, which follow from them."""
