"""Routes of the notices context: an account's in-site messages."""

from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

from jingkuai.aws import clients
from jingkuai.aws.clock import utc_now
from jingkuai.aws.ids import uuid7
from jingkuai.aws.lookup import lookup_key
from jingkuai.aws.settings import settings
from jingkuai.aws.tables import Table
from jingkuai.web.access import signed_in
from jingkuai.web.paging import DEFAULT_LIMIT, Cursors, CursorText, Limit, ListOf
from jingkuai.web.principal import principal
from jingkuai.web.resolver import new_api
from jingkuai.web.responses import no_content
from notices import messages
from notices.side_by_side import page_of
from notices.store import MessageStore

logger = Logger()
app = new_api("notices")


class MessageView(BaseModel):
    """One message of the inbox. `shared`: it was told to my bureau or unit, and is read for all as soon as one has read it."""

    model_config = ConfigDict(from_attributes=True)

    message_id: str
    at: str
    title: str
    body: str
    link: str | None = None
    read: bool
    shared: bool


def store() -> MessageStore:
    return MessageStore(Table(clients.dynamodb(), settings().registry_table))


@app.get("/me/messages", middlewares=[signed_in()])
def list_messages(limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> ListOf[MessageView]:
    """My messages and those to my bureau or unit, newest first. AWS calls: 1, for a reviewer or a unit 2."""
    me = principal(app)
    boxes = messages.mailboxes_of(me)
    cursors = Cursors(lookup_key(), account_id=me.account_id, query=" ".join(("/me/messages", *boxes)))
    page = page_of(boxes, store=store(), limit=limit, start=cursors.read(cursor))
    return cursors.page([MessageView.model_validate(one) for one in page.messages], page.next_start)


@app.post("/me/messages/<message_id>/read", middlewares=[signed_in()], status_code=204)
def read_message(message_id: Annotated[str, Path(max_length=64)]) -> Response[Any]:
    """Mark a message as read, one to my bureau or unit for all of us. AWS calls: 1, where it was read already 2, of a bureau 3."""
    messages.mark_read(message_id, by=principal(app), store=store(), clock=utc_now)
    return no_content()


@app.post("/me/messages/read-all", middlewares=[signed_in()], status_code=204)
def read_all_messages() -> Response[Any]:
    """Mark all messages as read, those to my bureau or unit for all of us. AWS calls: 1, for a reviewer or a unit 2."""
    messages.mark_all_read(by=principal(app), store=store(), clock=utc_now, new_id=uuid7)
    return no_content()


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answers API Gateway."""
    return app.resolve(event, context)
