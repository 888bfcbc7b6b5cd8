"""Technologies and the pilots that test them."""
