"""What a pilot is measured by, and who agreed to it."""
