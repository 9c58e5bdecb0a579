"""Compute on a Dask cluster; here one of two workers on this machine (needs "distributed")."""

from distributed import Client, LocalCluster

from twisted.internet import task
from twisted.internet.defer import gatherResults
from twisted.internet.threads import deferToExecutor


async def main(reactor):
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        executor = client.get_executor()
        squares = await gatherResults([deferToExecutor(executor, pow, n, 2) for n in range(5)])
    print(*squares)


if __name__ == "__main__":
    task.react(main)
