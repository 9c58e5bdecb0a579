"""Compute in other processes, while the reactor does other things."""

from concurrent.futures import ProcessPoolExecutor

from twisted.internet import task
from twisted.internet.defer import gatherResults
from twisted.internet.threads import deferToExecutor


def largestPrimeBelow(limit):
    for number in range(limit - 1, 1, -1):
        if all(number % divisor for divisor in range(2, int(number**0.5) + 1)):
            return number


async def main(reactor):
    with ProcessPoolExecutor(2) as executor:
        limits = [100, 1_000, 100_000]
        primes = await gatherResults(
            [deferToExecutor(executor, largestPrimeBelow, limit) for limit in limits]
        )
    for limit, prime in zip(limits, primes):
        print(f"below {limit}: {prime}")


if __name__ == "__main__":
    task.react(main)
