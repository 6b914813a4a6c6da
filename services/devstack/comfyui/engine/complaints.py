"""The words in which ComfyUI refuses a prompt."""

from __future__ import annotations

import traceback
from typing import Any

from .failure import type_name

Complaint = dict[str, Any]  # type, message, details, extra_info

_LONGEST_LIST = 20  # longer ones are not sent back


def complaint(kind: str, message: str, details: str = "", **extra_info: Any) -> Complaint:
    """One error as clients get it."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra_info}


def missing_class(node_id: str) -> Complaint:
    """A node does not say what it is."""
    return complaint(
        "invalid_prompt",
        "Cannot execute because a node is missing the class_type property.",
        f"Node ID '#{node_id}'",
    )


def unknown_class(node_id: str, class_type: Any) -> Complaint:
    """A node is of a class this server does not have."""
    return complaint(
        "invalid_prompt",
        f"Cannot execute because node {class_type} does not exist.",
        f"Node ID '#{node_id}'",
    )


def input_missing(name: str) -> Complaint:
    """A required input was not given."""
    return complaint("required_input_missing", "Required input is missing", name, input_name=name)


def bad_link(name: str, config: Any, value: Any) -> Complaint:
    """A list that is no link."""
    return complaint(
        "bad_linked_input",
        "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        name,
        input_name=name,
        input_config=config,
        received_value=value,
    )


def wrong_type(name: str, config: Any, received: str, link: Any) -> Complaint:
    """The linked output is of another type."""
    return complaint(
        "return_type_mismatch",
        "Return type mismatch between linked nodes",
        f"{name}, received_type({received}) mismatch input_type({config[0]})",
        input_name=name,
        input_config=config,
        received_type=received,
        linked_node=link,
    )


def not_convertible(name: str, config: Any, value: Any, error: Exception) -> Complaint:
    """A value that cannot be made a number (or whatever the input is)."""
    return complaint(
        "invalid_input_type",
        f"Failed to convert an input value to a {config[0]} value",
        f"{name}, {value}, {error}",
        input_name=name,
        input_config=config,
        received_value=value,
        exception_message=str(error),
    )


def too_small(name: str, config: Any, value: Any, least: Any) -> Complaint:
    """A number below the input's minimum."""
    return complaint(
        "value_smaller_than_min",
        f"Value {value} smaller than min of {least}",
        name,
        input_name=name,
        input_config=config,
        received_value=value,
    )


def too_big(name: str, config: Any, value: Any, most: Any) -> Complaint:
    """A number above the input's maximum."""
    return complaint(
        "value_bigger_than_max",
        f"Value {value} bigger than max of {most}",
        name,
        input_name=name,
        input_config=config,
        received_value=value,
    )


def not_in_list(name: str, config: Any, value: Any, options: list[str]) -> Complaint:
    """A choice that is not offered: most often a model file that is not there."""
    long = len(options) > _LONGEST_LIST
    listed = f"(list of length {len(options)})" if long else str(options)
    return complaint(
        "value_not_in_list",
        "Value not in list",
        f"{name}: '{value}' not in {listed}",
        input_name=name,
        input_config=None if long else config,
        received_value=value,
    )


def refused(name: str, reason: str) -> Complaint:
    """The node itself refused the value: most often a picture that is not there."""
    return complaint(
        "custom_validation_failed",
        "Custom validation failed for node",
        f"{name} - {reason}",
        input_name=name,
    )


def crashed(error: Exception, *, linked: tuple[str, Any, Any] | None = None) -> Complaint:
    """Validation itself failed; *linked* is the input, its config and its link when that lay below one."""
    facts = {"exception_type": type_name(error), "traceback": traceback.format_tb(error.__traceback__)}
    if linked is None:
        return complaint("exception_during_validation", "Exception when validating node", str(error), **facts)
    name, config, link = linked
    return complaint(
        "exception_during_inner_validation",
        "Exception when validating inner node",
        str(error),
        input_name=name,
        input_config=config,
        exception_message=str(error),
        linked_node=link,
        **facts,
    )
