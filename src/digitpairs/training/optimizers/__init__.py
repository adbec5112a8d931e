"""Update rules, a file each. Hashed into the runs that name them."""
