"""An application of FastAPI, as its users write them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

#: What the application has done in its lifespan.
lived: list[str] = []


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    lived.append("up")
    yield {"answer": 42}
    await asyncio.sleep(0)
    lived.append("down")


app = FastAPI(lifespan=_lifespan)


class Item(BaseModel):
    """What is posted."""

    name: str
    price: float = 1.0


@app.get("/items/{number}")
async def item(number: int, request: Request, q: str = "") -> dict[str, Any]:
    """A part of the path, the query, and the state of the lifespan."""
    await asyncio.sleep(0)
    return {"number": number, "q": q, "answer": request.state.answer, "url": str(request.url)}


@app.post("/items", status_code=201)
def create(item: Item) -> Item:
    """In a thread, as it is not a coroutine."""
    return item


@app.post("/length")
async def length(request: Request) -> int:
    """A body in pieces."""
    total = 0
    async for piece in request.stream():
        total += len(piece)
    return total


@app.get("/numbers")
async def numbers() -> StreamingResponse:
    """A response in pieces."""

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(10):
            yield b"%d " % number
            await asyncio.sleep(0)

    return StreamingResponse(pieces(), media_type="text/plain")


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Text comes back, as long as there is some."""
    await websocket.accept(subprotocol="upper")
    while text := await websocket.receive_text():
        await websocket.send_text(text.upper())
    await websocket.close(3000, "enough")
