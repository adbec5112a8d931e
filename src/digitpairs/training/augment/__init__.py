"""What is changed at random about the training pairs, anew each epoch. A file each."""
