"""Photos of handwritten digits, converted to what MNIST's digits are."""
