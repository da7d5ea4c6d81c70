"""Counts what goes to Postgres and back: a proxy before it.

    trips.py LISTEN_PORT POSTGRES_PORT

On a line of standard input it prints two numbers and begins anew: how often somebody asked
Postgres and waited for the answer, and how many of these were for a connection that goes back to
the pool, which the caller of a request does not wait for: the end of a transaction, or a ping.
"""
import asyncio
import os
import sys

# A message that asks for nothing but an answer.
SYNC = b"S\x00\x00\x00\x04"

trips = ends = 0


async def pump(reader, writer, state, is_question):
    global trips, ends
    while data := await reader.read(65536):
        if is_question:
            # What follows without an answer in between is the same trip.
            if state["answered"]:
                trips += 1
                ends += data.startswith(SYNC) or data[5:13] == b"ROLLBACK"
            state["answered"] = False
        else:
            state["answered"] = True
        writer.write(data)
        await writer.drain()
    writer.close()


async def connection(reader, writer):
    theirs = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    state = {"answered": True}
    await asyncio.gather(
        pump(reader, theirs[1], state, True),
        pump(theirs[0], writer, state, False),
        return_exceptions=True,
    )


async def main():
    global trips, ends
    await asyncio.start_server(connection, "127.0.0.1", int(sys.argv[1]))
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(trips, ends, flush=True)
        trips = ends = 0
    # asyncio would cancel each connection that is still open, and complain of it.
    os._exit(0)


asyncio.run(main())
