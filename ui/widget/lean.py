"""Makes our own script and style smaller for the way: nothing but comments and needless white space goes.

It reads just enough of JavaScript to leave strings, templates and regular expressions as they are; a regular expression
has to follow one of `= ( , : ! & | ? { } ;`, as it does in our parts.
"""

import re

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    r"""|(?<=[=(,:!&|?{};])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*"""
    r"""|[A-Za-z_$][\w$]*|\d[\w.]*|\s+|.""",
    re.DOTALL,
)
_OPENS, _CLOSES = "{;,(=>[", "})]"  # where a line may go on, and where one may end, without a break


def script(code: str) -> str:
    """JavaScript that does the same. Raises ValueError for a template inside of another one, which it cannot read."""
    tokens = [t for t in _TOKEN.findall(code) if not t.startswith(("//", "/*"))]
    for token in tokens:
        if token.startswith("`") and token.count("${") > token.count("}"):
            raise ValueError(f"a template within a template: {token[:60]}")
    out: list[str] = []
    for token, after in zip(tokens, [*tokens[1:], ""], strict=True):
        before = out[-1][-1] if out else ""
        if not token.isspace():
            out.append(token)
        elif "\n" in token:
            if before and before not in f"{_OPENS}\n" and not (after and after[0] in _CLOSES):
                out.append("\n")
        elif (_word(before) and _word(after[:1])) or (before in "+-" and after[:1] == before):
            out.append(" ")
    return "".join(out)


def style(code: str) -> str:
    """CSS that does the same."""
    short = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
    short = re.sub(r"\s*([{};,>])\s*", r"\1", " ".join(short.split()))
    return re.sub(r":\s+", ":", short).replace(";}", "}").strip()


def _word(character: str) -> bool:
    return character.isalnum() or (character in "_$" and character != "")
