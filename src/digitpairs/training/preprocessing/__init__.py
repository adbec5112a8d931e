"""What is done to all images before a net sees them. A file each; recipes name them."""
