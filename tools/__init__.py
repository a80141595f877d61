"""What the agent can do: one file per tool. `TOOLS` is the list the model is given."""

from langchain_core.tools import BaseTool

from tools.advise_size import advise_size
from tools.ask_image import ask_image
from tools.cart import cart
from tools.choose_color import choose_color
from tools.compare import compare
from tools.describe_scene import describe_scene
from tools.hand_off import hand_off
from tools.match_outfit import match_outfit
from tools.memory import memory
from tools.order_status import order_status
from tools.product_details import product_details
from tools.recommend import recommend
from tools.request_return import request_return
from tools.search_catalog import search_catalog
from tools.shop_policy import shop_policy

TOOLS: list[BaseTool] = [
    search_catalog,
    product_details,
    advise_size,
    ask_image,
    describe_scene,
    match_outfit,
    recommend,
    choose_color,
    compare,
    cart,
    shop_policy,
    memory,
    hand_off,
    order_status,
    request_return,
]
OF_ORDERS = frozenset(
    {order_status.name, request_return.name}
)  # given only where the shop lets orders be asked for
