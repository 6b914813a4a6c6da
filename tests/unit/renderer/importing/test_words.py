"""Where the prompt and the negative prompt go."""

from __future__ import annotations

from tests.unit.renderer.importing.asking import ask, definition, export, node, slots, studied, unclear


def test_prompt_and_negative_are_told_apart_by_the_sampler() -> None:
    """Both are written in nodes of the same class; what the sampler takes them for decides."""
    bind = definition(export("text_to_image.api")).recipe.bind

    assert (slots("6.text"), slots("7.text")) == (bind.prompt, bind.negative)


def test_words_from_another_node_are_bound_there() -> None:
    """The encoder's own text is filled by a link: filling it would change nothing, or cut the link."""
    bind = definition(export("edit.api")).recipe.bind

    assert (slots("435.value"), slots("433:110.prompt")) == (bind.prompt, bind.negative)


def test_several_encoders_of_one_node_get_the_same_words() -> None:
    """FLUX has two, and nobody writes two prompts."""
    assert slots("words.clip_l", "words.t5xxl") == definition(export("custom_sampler.api")).recipe.bind.prompt


def test_what_lies_between_prompt_and_sampler_is_looked_through() -> None:
    """A ControlNet has two sides; each leads on to its own text."""
    graph = export("text_to_image.api")
    graph["20"] = node("LoadImage", image="edges.png")
    graph["21"] = node("ControlNetLoader", control_net_name="canny.safetensors")
    graph["22"] = node(
        "ControlNetApplyAdvanced",
        positive=["6", 0],
        negative=["7", 0],
        control_net=["21", 0],
        image=["20", 0],
        strength=1,
    )
    graph["3"]["inputs"] |= {"positive": ["22", 0], "negative": ["22", 1]}

    bind = definition(graph).recipe.bind

    assert (slots("6.text"), slots("7.text")) == (bind.prompt, bind.negative)


def test_words_that_only_add_to_others_are_not_the_prompt() -> None:
    """Such as those for a box in the picture."""
    graph = export("text_to_image.api")
    graph["20"] = node("BoxOfWords", conditioning_to=["6", 0], text="a boat, there")
    graph["3"]["inputs"]["positive"] = ["20", 0]

    assert slots("6.text") == definition(graph).recipe.bind.prompt


def test_a_negative_side_made_of_nothing_has_no_words() -> None:
    """ConditioningZeroOut takes the prompt and leaves nothing of it."""
    graph = export("text_to_image.api")
    graph["20"] = node("ConditioningZeroOut", conditioning=["6", 0])
    graph["3"]["inputs"]["negative"] = ["20", 0]

    bind = definition(graph).recipe.bind

    assert (slots("6.text"), ()) == (bind.prompt, bind.negative)


def test_the_same_text_on_both_sides_is_the_prompt_only() -> None:
    """A graph whose sampler ignores the negative side often has the prompt there too."""
    graph = export("text_to_image.api")
    graph["3"]["inputs"]["negative"] = ["6", 0]

    bind = definition(graph).recipe.bind

    assert (slots("6.text"), ()) == (bind.prompt, bind.negative)


def test_two_texts_ask_which_is_the_prompt() -> None:
    """The candidates say what a person recognises: title, class, and what is written there now."""
    graph = export("text_to_image.api")
    graph["20"] = node("StringConcatenate", string_a="oil painting, ", string_b="a barn", delimiter=" ")
    graph["6"]["inputs"]["text"] = ["20", 0]

    [question] = unclear(graph).questions

    assert "prompt" == question.what
    assert ["20.string_a", "20.string_b"] == [one.value for one in question.candidates[:2]]
    assert (
        "string_b of “StringConcatenate” (20), StringConcatenate, now “a barn”"
        == question.candidates[1].label
    )


def test_an_answer_closes_the_question() -> None:
    """By naming the candidate."""
    graph = export("text_to_image.api")
    graph["20"] = node("StringConcatenate", string_a="oil painting, ", string_b="a barn", delimiter=" ")
    graph["6"]["inputs"]["text"] = ["20", 0]

    bind = definition(graph, slots={"prompt": ("20.string_b",)}).recipe.bind

    assert slots("20.string_b") == bind.prompt


def test_the_same_words_in_two_places_are_one_prompt() -> None:
    """As in a graph of two models, each with its own encoder."""
    graph = export("text_to_image.api")
    graph["20"] = node("CLIPTextEncode", text="a lighthouse at dusk", clip=["4", 1])
    graph["21"] = graph["3"] | {
        "inputs": graph["3"]["inputs"] | {"positive": ["20", 0], "latent_image": ["3", 0]}
    }
    graph["8"]["inputs"]["samples"] = ["21", 0]

    assert slots("6.text", "20.text") == definition(graph).recipe.bind.prompt


def test_a_node_that_does_all_by_itself_is_asked_by_name() -> None:
    """It takes no conditioning; and where what it is given goes is said."""
    graph = {
        "1": node("AllInOne", prompt="a cup", negative_prompt="", seed=3),
        "2": node("SaveImage", images=["1", 0], filename_prefix="cup"),
    }

    answer = studied(graph)

    assert slots("1.prompt") == definition(graph).recipe.bind.prompt
    assert "“AllInOne” (1) sends what it is given to a service outside of the backend." in answer.warnings


def test_no_words_at_all_is_a_workflow_too() -> None:
    """It is of use without: a blank picture, an inverted one."""
    specs = [studied(export(name)).spec for name in ("blank.api", "invert.api")]

    assert [(False, ("width_px", "height_px", "count")), (False, ())] == [
        (spec.takes_prompt, spec.parameters) for spec in specs
    ]


def test_a_sampler_that_ignores_the_negative_side_gets_none() -> None:
    """Guidance is at 1 and stays there."""
    graph = export("text_to_image.api")
    graph["3"]["inputs"]["cfg"] = 1

    assert () == definition(graph, slots={"cfg": ()}).recipe.bind.negative
    assert slots("7.text") == definition(graph).recipe.bind.negative


def test_words_nobody_can_find_are_said() -> None:
    """The encoder's class is not on this backend, and it holds no text."""
    graph = export("text_to_image.api")
    graph["6"] = node("EncodeFromFile", file=3)

    assert "No input for words was found: it will take none." in ask(graph).warnings  # type: ignore[union-attr]


def test_a_negative_text_that_also_goes_elsewhere_is_no_prompt() -> None:
    """Guiders of two ways take it a second time, beside the picture that is edited."""
    graph = export("custom_sampler.api")
    graph["bad"] = node("CLIPTextEncode", text="blurry", clip=["clip", 0])
    graph["guider"] = node("TwoWayGuider", cond1=["guide", 0], cond2=["bad", 0], negative=["bad", 0])

    bind = definition(graph).recipe.bind

    assert slots("words.clip_l", "words.t5xxl") == bind.prompt
    assert slots("bad.text") == bind.negative


def test_words_of_which_nothing_is_left_are_no_negative_prompt() -> None:
    """They were written, and then zeroed."""
    graph = export("text_to_image.api")
    graph["20"] = node("ConditioningZeroOut", conditioning=["7", 0])
    graph["3"]["inputs"]["negative"] = ["20", 0]

    assert () == definition(graph).recipe.bind.negative


def test_a_text_left_empty_is_no_rival() -> None:
    """Of two encoders, one with words and one without, the first has the prompt."""
    graph = export("text_to_image.api")
    graph["20"] = node("CLIPTextEncode", text="", clip=["4", 1])
    graph["21"] = {"class_type": "KSampler", "inputs": graph["3"]["inputs"] | {"positive": ["20", 0]}}
    graph["22"] = node("VAEDecode", samples=["21", 0], vae=["4", 2])
    graph["23"] = node("SaveImage", images=["22", 0], filename_prefix="y")

    assert slots("6.text") == definition(graph).recipe.bind.prompt


def test_what_its_maker_tried_it_with_is_not_kept() -> None:
    """Words and pictures are each render's own; a negative text stays, for it counts where none is given."""
    tried = export("edit.api")
    tried["433:110"]["inputs"]["prompt"] = "blurry"
    graph = definition(tried).prompt

    kept = graph["435"].inputs["value"], *(graph[node_id].inputs["image"] for node_id in ("78", "106", "107"))
    assert ("", "", "", "") == kept
    assert "blurry" == graph["433:110"].inputs["prompt"]
