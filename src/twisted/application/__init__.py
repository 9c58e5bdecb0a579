"""What a program is made of when it is to be run by others: services, and the ways to run them."""
