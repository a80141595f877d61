"""Tiny models of every class that the hub tier knows: random weights, a few words, saved as the real ones are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordLevel
from tokenizers.processors import TemplateProcessing
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil
from transformers.models.siglip2.image_processing_pil_siglip2 import Siglip2ImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

# fmt: off
WORDS = [
    "a", "an", "the", "is", "it", "of", "on", "in", "with", "what", "how",
    "many", "kind", "photo", "red", "blue", "navy", "white", "striped", "plain", "dress", "shirt",
    "shoes", "boots", "hat", "long", "short", "sleeves", "garment", "color", "pattern", "yes", "no",
    "unsure", "clothing", "worn", "lying", "flat", "product", "close", "up", "jacket", "skirt",
]
# fmt: on
SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")
VISION = (
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<|im_start|>",
    "<|im_end|>",
)
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }} {% for c in m.content %}{% if c.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ c.text }}{% endif %}{% endfor %}<|im_end|>{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>{% endif %}"
)
SIZE = {"height": 32, "width": 32}
PARTS = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
PICTURE = {"image_size": 32, "patch_size": 8}


def words(extra: Sequence[str] = (), **kwargs: Any) -> transformers.PreTrainedTokenizerFast:
    """A tokenizer that knows WORDS."""
    listed = [*SPECIAL, *extra, *WORDS]
    made = Tokenizer(WordLevel({w: i for i, w in enumerate(listed)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = TemplateProcessing("$A </s>", special_tokens=[("</s>", 3)])
    named = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, additional_special_tokens=list(extra), **named, **kwargs
    )


def letters() -> transformers.Siglip2Tokenizer:
    """A tokenizer that spells: transformers makes every tokenizer of SigLIP2 one of pieces, with bytes for the rest."""
    listed = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *"abcdefghijklmnopqrstuvwxyz"]
    listed += [f"<0x{byte:02X}>" for byte in range(256)]
    return transformers.Siglip2Tokenizer(vocab={piece: i for i, piece in enumerate(listed)}, merges=[])


def _save(folder: Path, model: Any, *parts: Any) -> Path:
    """Weights wide enough that different photos give different words."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.3)
    model.save_pretrained(folder)
    for part in parts:
        part.save_pretrained(folder)
    return folder


def vit_gpt2(folder: Path) -> Path:
    """VisionEncoderDecoderModel of ViT and GPT-2, as nlpconnect/vit-gpt2-image-captioning."""
    tokens = words()
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        transformers.ViTConfig(**PARTS, **PICTURE),
        transformers.GPT2Config(
            vocab_size=len(tokens),
            n_embd=32,
            n_layer=2,
            n_head=4,
            n_positions=64,
            bos_token_id=2,
            eos_token_id=3,
        ),
    )
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 2, 0, 3
    return _save(
        folder, transformers.VisionEncoderDecoderModel(config), tokens, ViTImageProcessorPil(size=SIZE)
    )


def _blip(tokens: Any) -> Any:
    text = {
        "vocab_size": len(tokens),
        "bos_token_id": 2,
        "sep_token_id": 3,
        "eos_token_id": 3,
        "pad_token_id": 0,
    }
    return transformers.BlipConfig(
        text_config={
            **PARTS,
            **text,
            "encoder_hidden_size": 32,
            "max_position_embeddings": 64,
            "projection_dim": 32,
        },
        vision_config={**PARTS, **PICTURE},
        projection_dim=32,
        image_text_hidden_size=32,
    )


def blip(folder: Path) -> Path:
    """BlipForConditionalGeneration."""
    tokens = words()
    return _save(
        folder,
        transformers.BlipForConditionalGeneration(_blip(tokens)),
        tokens,
        BlipImageProcessorPil(size=SIZE),
    )


def blip_vqa(folder: Path) -> Path:
    """BlipForQuestionAnswering."""
    tokens = words()
    return _save(
        folder, transformers.BlipForQuestionAnswering(_blip(tokens)), tokens, BlipImageProcessorPil(size=SIZE)
    )


def qwen_vl(folder: Path) -> Path:
    """Qwen2VLForConditionalGeneration, for AutoModelForImageTextToText."""
    tokens = words(VISION)
    tokens.chat_template = TEMPLATE
    start, end, image, video = tokens.convert_tokens_to_ids(list(VISION[:4]))
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}
    config = transformers.Qwen2VLConfig(
        text_config={**PARTS, "num_key_value_heads": 2, "vocab_size": len(tokens), "rope_parameters": rope,
                     "bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0},
        vision_config={"depth": 1, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2,
                       "patch_size": 14, "spatial_merge_size": 2},
        vision_start_token_id=start, vision_end_token_id=end, image_token_id=image, video_token_id=video,
    )  # fmt: skip
    model = transformers.Qwen2VLForConditionalGeneration(config)
    return _save(folder, model, tokens, Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=56 * 56))


def llava(folder: Path) -> Path:
    """LlavaForConditionalGeneration, with a processor that is saved as one."""
    tokens = words(["<image>"])
    text = {
        **PARTS,
        "num_key_value_heads": 2,
        "vocab_size": len(tokens),
        "bos_token_id": 2,
        "eos_token_id": 3,
    }
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**PARTS, **PICTURE),
        text_config=transformers.LlamaConfig(**text, pad_token_id=0),
        image_token_index=tokens.convert_tokens_to_ids("<image>"),
    )
    processor = transformers.LlavaProcessor(
        CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=SIZE),
        tokens,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE.replace("<|vision_start|><|image_pad|><|vision_end|>", "<image> "),
    )
    return _save(folder, transformers.LlavaForConditionalGeneration(config), processor)


def blip2(folder: Path) -> Path:
    """Blip2ForConditionalGeneration, an image-text model that follows no instructions: it has no chat template."""
    tokens = words(["<image>"])
    config = transformers.Blip2Config(
        vision_config={**PARTS, **PICTURE},
        qformer_config={**PARTS, "encoder_hidden_size": 32, "vocab_size": len(tokens)},
        text_config={"model_type": "opt", "hidden_size": 32, "ffn_dim": 64, "num_hidden_layers": 2, "bos_token_id": 2,
                     "num_attention_heads": 4, "vocab_size": len(tokens), "word_embed_proj_dim": 32, "eos_token_id": 3,
                     "max_position_embeddings": 256, "pad_token_id": 0},
        num_query_tokens=4,
        image_token_index=tokens.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    processor = transformers.Blip2Processor(BlipImageProcessorPil(size=SIZE), tokens, num_query_tokens=4)
    return _save(folder, transformers.Blip2ForConditionalGeneration(config), processor)


def clip(folder: Path, seed: int = 0) -> Path:
    """CLIPModel."""
    torch.manual_seed(seed)
    tokens = words()
    config = transformers.CLIPConfig(
        text_config={
            **PARTS,
            "vocab_size": len(tokens),
            "bos_token_id": 2,
            "eos_token_id": 3,
            "projection_dim": 24,
        },
        vision_config={**PARTS, **PICTURE, "projection_dim": 24},
        projection_dim=24,
    )
    picture = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=SIZE)
    return _save(folder, transformers.CLIPModel(config), tokens, picture)


def siglip(folder: Path, extra: Sequence[str] = ()) -> Path:
    """SiglipModel, which SigLIP2's checkpoints of one fixed size use. `extra`: words that it knows beside WORDS."""
    tokens = words(extra)
    text = {
        **PARTS,
        "vocab_size": len(tokens),
        "max_position_embeddings": 64,
        "pad_token_id": 0,
        "eos_token_id": 3,
    }
    config = transformers.SiglipConfig(text_config=text, vision_config={**PARTS, **PICTURE})
    return _save(folder, transformers.SiglipModel(config), tokens, SiglipImageProcessorPil(size=SIZE))


def siglip2(folder: Path) -> Path:
    """Siglip2Model, of any size of photo."""
    tokens = letters()
    text = {
        **PARTS,
        "vocab_size": len(tokens),
        "max_position_embeddings": 64,
        "pad_token_id": 0,
        "eos_token_id": 1,
    }
    vision = {**PARTS, "patch_size": 8, "num_patches": 16}
    config = transformers.Siglip2Config(text_config=text, vision_config=vision)
    picture = Siglip2ImageProcessorPil(patch_size=8, max_num_patches=16)
    return _save(folder, transformers.Siglip2Model(config), tokens, picture)


MAKERS: dict[str, Callable[[Path], Path]] = {
    "vit_gpt2": vit_gpt2, "blip": blip, "blip_vqa": blip_vqa, "qwen_vl": qwen_vl, "clip": clip, "siglip": siglip,
    "siglip2": siglip2, "llava": llava, "blip2": blip2,
}  # fmt: skip
