"""Products for the tests of the store: a small shop in which every condition has someone to meet and to miss it."""

from decimal import Decimal
from typing import Any

from store.types import Money, Product, Size, Text


def product(id: str, zh: str, en: str, category: str, price: str, **more: Any) -> Product:
    """A product with sensible defaults; `sizes` as {"M": 3}, `sale` as an amount."""
    sizes = more.pop("sizes", {"S": 2, "M": 3, "L": 0})
    sale = more.pop("sale", None)
    return Product(
        id=id,
        title=Text(zh=zh, en=en),
        category=category,
        price=Money(amount=Decimal(price)),
        sale_price=Money(amount=Decimal(sale)) if sale else None,
        sizes=[Size(size=s, quantity=q) for s, q in sizes.items()],
        **more,
    )


SHOP = [
    product("d-red", "红色碎花连衣裙", "Red floral dress", "dress", "59.00", colors=["red", "white"], pattern="floral",
            gender="women", season=["summer"], occasion=["beach"], brand="Lin", rating=4.5, rating_count=80),
    product("d-black", "黑色连衣裙", "Black evening dress", "dress", "120.00", sale="89.00", colors=["black"],
            pattern="plain",
            gender="women", occasion=["party"], brand="Lin", rating=4.8, rating_count=10, sizes={"M": 1}),
    product("d-blue", "蓝色格子连衣裙", "Blue checked dress", "dress", "39.00", colors=["blue"], pattern="checked",
            gender="women", brand="Ode & Oak", rating=3.9, rating_count=40, sizes={"S": 0, "M": 0}),
    product("s-white", "白色衬衫", "White cotton shirt", "shirt", "35.50", colors=["white"], pattern="plain",
            material="cotton",
            gender="men", occasion=["work", "interview"], brand="Ode & Oak", rating=4.2, rating_count=12),
    product("s-navy", "藏青色条纹衬衫", "Navy striped shirt", "shirt", "42.00", colors=["navy", "white"],
            pattern="striped",
            gender="unisex", material="linen", rating=4.9, rating_count=1),
    product("t-grey", "灰色T恤", "Grey tee", "t-shirt", "15.00", colors=["grey"], pattern="plain", gender="men"),
    product("j-navy", "藏青色牛仔裤", "Navy jeans", "jeans", "70.00", colors=["navy"], material="denim", gender="men"),
    product("k-hoodie", "粉色儿童卫衣", "Pink kids' hoodie", "hoodie", "25.00", colors=["pink"], age_group="kids",
            gender="unisex", season=["winter"]),
    product("b-brown", "棕色皮靴", "Brown leather boots", "boots", "140.00", colors=["brown"], material="leather",
            gender="women", season=["winter"], sizes={"37": 1, "38": 2}),
    product("n-white", "白色运动鞋", "White sneakers", "sneakers", "80.00", sale="60.00", colors=["white"],
            gender="unisex", occasion=["sport"], sizes={"40": 4, "41": 0}),
    product("g-tote", "米色帆布托特包", "Beige canvas tote", "tote", "22.00", colors=["beige"],
            material="canvas", sizes={}),
    product("h-straw", "草编遮阳帽", "Straw sun hat", "sunhat", "18.00", colors=["beige"], material="straw",
            season=["summer"], sizes={"one size": 5}),
]  # fmt: skip
