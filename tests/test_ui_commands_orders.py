"""`daogou orders`: files taken in with their bad rows told, and returns given out as a table that runs nothing."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store.orders.ledger import Ledger
from store.orders.sources import FILE
from ui.cli import app

ROWS = "订单号,下单时间,状态,商品名称,数量,邮箱\nA1001,2026-11-05,已发货,衬衫,1,ann@example.com\nA1002,,,裤子,许多,\n"


def run(*args: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(a) for a in args])
    return done.exit_code, done.stdout, done.stderr


def test_a_file_is_taken_in_and_its_bad_rows_told(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_bytes(ROWS.encode("gb18030"))
    code, out, _ = run("orders", "import", file, "--data", tmp_path / "shop", "--dry-run", "--json")
    told = json.loads(out)
    assert code == 0 and (told["orders"], told["rows"], told["unusable"], told["encoding"]) == (
        1,
        2,
        1,
        "gb18030",
    )
    assert not (tmp_path / "shop" / FILE).exists()
    code, out, err = run("orders", "import", file, "--data", tmp_path / "shop", "--lang", "en")
    assert code == 0 and "1 orders are in" in out and "line 3" in err and (tmp_path / "shop" / FILE).is_file()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "order,date,name\n,,\n"])
def test_what_is_no_file_of_orders_leaves_the_others(tmp_path: Path, text: str) -> None:
    good, bad = tmp_path / "o.csv", tmp_path / "bad.csv"
    good.write_text(ROWS, encoding="utf-8")
    bad.write_text(text, encoding="utf-8")
    assert run("orders", "import", good, "--data", tmp_path / "shop")[0] == 0
    held = (tmp_path / "shop" / FILE).read_bytes()
    code, out, _ = run("orders", "import", bad, "--data", tmp_path / "shop", "--json")
    assert code == 1 and json.loads(out)["error"]["code"] == "bad_orders"
    assert (tmp_path / "shop" / FILE).read_bytes() == held


def test_returns_come_out_as_text(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text(ROWS, encoding="utf-8")
    assert run("orders", "import", file, "--data", tmp_path)[0] == 0
    assert "Nobody" in run("orders", "returns", "--data", tmp_path, "--lang", "en")[1]
    ledger = Ledger(tmp_path)
    made = ledger.take_back("A1001", "A1001", [1, 2], "other", "=HYPERLINK(1)", "s")
    ledger.close()
    rows = list(csv.reader(io.StringIO(run("orders", "returns", "--csv", "--data", tmp_path)[1])))
    assert rows[1][:5] == [made, "A1001", "1 2", "other", "'=HYPERLINK(1)"]
    assert json.loads(run("orders", "returns", "--json", "--data", tmp_path)[1])["lines"] == [1, 2]
