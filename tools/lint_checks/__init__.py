"""The checks of tools/lint. Each module lists its own in CHECKS, with samples that prove them."""
