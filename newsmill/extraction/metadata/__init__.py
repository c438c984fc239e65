"""What a page says about itself: sources (JSON-LD, meta elements, visible text) and the arbiter between them."""
