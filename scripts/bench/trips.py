"""A proxy that counts the round trips to Postgres.

    trips.py LISTEN_PORT POSTGRES_PORT

On each line of standard input it prints two numbers and resets them: the round trips, and how many
of these belong to a connection that returns to the pool (the end of a transaction, or a ping). A
request does not wait for the latter.
"""
import asyncio
import os
import sys

# The message `Sync`.
SYNC = b"S\x00\x00\x00\x04"

trips = ends = 0


async def pump(reader, writer, state, is_request):
    global trips, ends
    while data := await reader.read(65536):
        if is_request:
            # Messages without a reply in between are one round trip.
            if state["replied"]:
                trips += 1
                ends += data.startswith(SYNC) or data[5:13] == b"ROLLBACK"
            state["replied"] = False
        else:
            state["replied"] = True
        writer.write(data)
        await writer.drain()
    writer.close()


async def connection(reader, writer):
    theirs = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    state = {"replied": True}
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
    # asyncio would cancel each open connection and log an error.
    os._exit(0)


asyncio.run(main())
