"""Why a file can't become a workflow."""

from __future__ import annotations

from services.common.errors import RejectedError

EXPORT = "In ComfyUI choose Workflow, then Export (API), and import that file."

_PROBLEMS_MOST = 20


class RefusedError(RejectedError):
    """
    It can't; each of *problems* is a sentence that says what is wrong and what to do.

    Codes:
        not-json: It can't be read.
        not-a-workflow: It can, and is something else, or is damaged.
        not-convertible: It holds the editor's own format, and what ComfyUI would run can't be told for sure.
        bad-choice: The operator named what is not there, or what does not fit.
        unsound: It would never render.
    """

    def __init__(self, code: str, *problems: str) -> None:
        more = len(problems) - _PROBLEMS_MOST
        self.problems = (
            *problems[:_PROBLEMS_MOST],
            *([f"There are {more} more problems."] if more > 0 else []),
        )
        super().__init__(" ".join(self.problems), code=code)
