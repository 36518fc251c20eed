"""The model `hostile`: what a child does that something has taken over, or that somebody ends."""
