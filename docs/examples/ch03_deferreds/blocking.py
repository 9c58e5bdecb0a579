"""Deferreds do not make the code magically not block."""

import time

from twisted.internet import defer

TARGET = 10000


def largeFibonacciNumber():
    # create a Deferred object to return:
    d = defer.Deferred()

    # calculate the ten thousandth Fibonacci number
    first = 0
    second = 1
    for i in range(TARGET - 1):
        new = first + second
        first = second
        second = new
        if i % 1000 == 0:
            print(f"Progress: calculating the {i}th Fibonacci number")

    # give the Deferred the answer to pass to the callbacks:
    d.callback(second)

    # return the Deferred with the answer:
    return d


timeBefore = time.time()

# call the function and get our Deferred
d = largeFibonacciNumber()

timeAfter = time.time()

print(f"Total time taken for largeFibonacciNumber call: {timeAfter - timeBefore:0.3f} seconds")


# add a callback to it to print the number
def printNumber(number):
    # It has 2090 digits; here are the last nine of them.
    print(f"The {TARGET}th Fibonacci number ends in {number % 10**9}")


print("Adding the callback now.")

d.addCallback(printNumber)
