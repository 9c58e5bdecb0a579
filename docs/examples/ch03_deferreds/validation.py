"""A library function that can only handle immediate results."""


def synchronousIsValidUser(user):
    """
    Return true if user is a valid user, false otherwise.
    """
    return user in ["Alice", "Angus", "Agnes"]


def authenticateUser(isValidUser, user):
    if isValidUser(user):
        print("User is authenticated")
    else:
        print("User is not authenticated")


if __name__ == "__main__":
    authenticateUser(synchronousIsValidUser, "Alice")
    authenticateUser(synchronousIsValidUser, "Mallory")
