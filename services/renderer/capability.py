"""What a backend lacks for a workflow, told from its ``/object_info``."""

from __future__ import annotations

from schemas.catalogue import Lack
from services.renderer.definition import Definition
from services.renderer.object_info import ObjectInfo, choices
from services.renderer.spelling import among


def lacks(definition: Definition, info: ObjectInfo) -> tuple[Lack, ...]:
    r"""
    Node classes and model files that *definition* needs and the backend has not, each named once.

    - Every node counts, also one that only an optional picture needs: what is offered is offered whole.
    - A model is missing where a node that names it offers a list without it. Nodes that offer no list,
      or are not there themselves, can't be asked; what can't be judged is taken to be there.
    - ``a/b`` and ``a\b`` are one file, in another subfolder is another file, and case counts.
    - The twins that a placement uses are never needed.
    """
    found: list[Lack] = []
    for node in definition.prompt.values():
        if node.class_type not in info:
            found.append(Lack(what="node", name=node.class_type))
            continue
        for name, value in node.inputs.items():
            listed = choices(info, node.class_type, name)
            found += [
                Lack(what="model", name=model.name, folder=model.folder)
                for model in definition.recipe.models
                if value == model.name and listed is not None and among(listed, model.name) is None
            ]
    return tuple(dict.fromkeys(found))
