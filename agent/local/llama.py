"""llama.cpp as the Runtime of an Engine: a GGUF file, read in process on the CPU."""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

_TRIED = 256  # candidates that the grammar is asked about at once, before all are


class Guide:
    """A grammar on its way through a reply."""

    def __init__(self, library: Any, vocabulary: Any, grammar: str) -> None:
        self._library = library
        self.sampler = library.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
        if not self.sampler:
            raise ValueError("llama.cpp cannot read the grammar")

    def __del__(self) -> None:
        if getattr(self, "sampler", None):
            self._library.llama_sampler_free(self.sampler)


class Llama:
    """See `agent.local.engine.Runtime`. Raises ValueError for a file that llama.cpp cannot load, ImportError without
    the extra `local`."""

    def __init__(self, path: Path, context: int = 4096) -> None:
        import llama_cpp

        self._library = llama_cpp
        threads = min(
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 8
        )
        self._model = llama_cpp.Llama(
            str(path),
            n_ctx=context,
            n_threads=threads,
            n_threads_batch=threads,
            n_batch=256,
            verbose=False,
        )
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model.model)
        self.context = self._model.n_ctx()
        stamp = path.stat()
        self.name = f"{path.name}|{stamp.st_size}|{stamp.st_mtime_ns}|{self.context}|{llama_cpp.__version__}"
        self.template = self._model.metadata.get("tokenizer.chat_template", "")
        self.eos = self._special(self._model.token_eos())
        self.bos = self._special(self._model.token_bos())
        words = llama_cpp.llama_vocab_n_tokens(self._vocabulary)
        self._ids = np.arange(words, dtype=np.int32)

    def _special(self, token: int) -> str:
        return self._model.detokenize([token], special=True).decode(errors="ignore") if token >= 0 else ""

    def tokens(self, text: str, special: bool) -> list[int]:
        """The template writes a beginning-of-sequence token where the model wants one."""
        return list(self._model.tokenize(text.encode(), add_bos=False, special=special))

    def piece(self, token: int) -> bytes:
        return bytes(self._model.detokenize([token]))

    def ends(self, token: int) -> bool:
        return bool(self._library.llama_vocab_is_eog(self._vocabulary, token))

    def keep(self, count: int) -> None:
        self._model.n_tokens = count
        if not self._model._ctx.kv_cache_seq_rm(-1, count, -1):
            self._model.reset()  # memories that cannot be cut (recurrent models) start again
            self._model._ctx.kv_cache_clear()
            if count:
                tokens = self._model.input_ids[:count].tolist()
                self._model.n_tokens = 0
                self._model.eval(tokens)

    def feed(self, tokens: Sequence[int]) -> None:
        self._model.eval(list(tokens))

    def guide(self, grammar: str) -> Guide:
        return Guide(self._library, self._vocabulary, grammar)

    def pick(self, guide: Guide | None) -> int:
        """Greedy. The grammar is asked about the likeliest token first: asking about 150,000 takes longer than the
        model does."""
        address = self._library.llama_get_logits_ith(self._model.ctx, -1)
        logits = np.ctypeslib.as_array(address, shape=(len(self._ids),))
        if guide is None:
            return int(logits.argmax())
        token = self._allowed(guide, [int(logits.argmax())], logits)
        if token is None:
            token = self._allowed(guide, np.argpartition(logits, -_TRIED)[-_TRIED:], logits)
        if token is None:
            token = self._allowed(guide, self._ids, logits)
        if token is None:
            return int(self._model.token_eos())
        if not self.ends(token):
            self._library.llama_sampler_accept(guide.sampler, token)
        return token

    def _allowed(self, guide: Guide, ids: Sequence[int] | np.ndarray, logits: np.ndarray) -> int | None:
        """The likeliest of `ids` that the grammar lets through."""
        made = np.zeros(len(ids), dtype=[("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        made["id"], made["logit"] = ids, logits[np.asarray(ids)]
        data = made.ctypes.data_as(self._library.llama_token_data_p)
        array = self._library.llama_token_data_array(data, len(made), -1, False)
        self._library.llama_sampler_apply(guide.sampler, ctypes.byref(array))
        best = int(made["logit"].argmax())
        return int(made["id"][best]) if np.isfinite(made["logit"][best]) else None

    def save(self, path: Path, tokens: Sequence[int]) -> None:
        array = (self._library.llama_token * len(tokens))(*tokens)
        written = self._library.llama_state_seq_save_file(
            self._model.ctx, os.fsencode(path), 0, array, len(tokens)
        )
        if not written:
            raise OSError(f"{path} cannot be written")

    def load(self, path: Path) -> list[int]:
        array = (self._library.llama_token * self.context)()
        count = ctypes.c_size_t(0)
        self._model._ctx.kv_cache_clear()
        loaded = self._library.llama_state_seq_load_file(
            self._model.ctx, os.fsencode(path), 0, array, self.context, ctypes.byref(count)
        )
        if not loaded:
            raise ValueError("llama.cpp does not take it")
        tokens = list(array[: count.value])
        self._model.input_ids[: len(tokens)] = tokens
        self._model.n_tokens = len(tokens)
        return tokens
