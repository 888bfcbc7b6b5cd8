"""What a technology costs and gains, with its uncertainty and assumptions, nationally and by municipality."""
