"""The sentences a person can read, by stable code; ``{…}`` is filled from the details. Pure."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # What was typed can't be meant.
    "empty-prompt": "Tell me what to make after the command, like this: /{command} an astronaut in a field",
    "prompt-too-long": "That is {length} characters, and I can take {limit}. Please shorten it.",
    "takes-no-words": "/{command} stands alone: send just /{command}, with a picture or as a reply to one "
    "if you mean that one.",
    "say-something": "Send a command with a few words, like this: /f an astronaut in a field",
    "say-command": "To make a picture of that, start with a command: /f {words}",
    "reply-needs-command": "To edit that picture, reply to it with a command: /qwen {words}",
    "caption-needs-command": "To edit that picture, send it again with this caption: /qwen {words}",
    "pictures-need-words": "Say what to do with these pictures: send them together, with a caption like "
    "/qwen put them side by side",
    "too-many-pictures": "Those are more pictures than I can take at once. Send up to {most}.",
    "parameter-not-taken": "/{command} doesn't take {name}. Leave it out and send it again.",
    "negative-needs-cfg": "/{command} looks at --neg only where --cfg is above 1 (up to {most}). Add that, "
    "or leave --neg out, and send it again.",
    # Pictures that come in.
    "bad-image-file": "I can't read that file as a picture; it may be damaged. Please send another one.",
    "unsupported-file": "I can't work with that kind of file. Send a picture: JPEG, PNG or WebP.",
    "video-file": "That is a video, and I can only work with still pictures. Send a frame of it: JPEG, PNG "
    "or WebP.",
    "audio-file": "That is a sound, and I can only work with pictures. Send one: JPEG, PNG or WebP.",
    "moving-picture": "That picture moves, and I can only work with still ones. Send a frame of it: JPEG, "
    "PNG or WebP.",
    "too-large": "That file is too large. Send a picture of up to {limit}.",
    "download-failed": "I could not fetch that picture. Please send it again.",
    # What is pointed at isn't there.
    "no-picture": "There is no picture to edit yet. Send one with a caption that starts with /{command}, "
    "or make one first with /f.",
    "picture-not-ready": "Your picture is still being made. Wait until it is there, then send this again.",
    "needs-still-picture": "/{command} edits pictures that stand still. Reply to one, or send one along.",
    "unknown-picture": "I don't know that picture. Reply to one I made, or send the picture itself.",
    "not-your-job": "Someone else asked for that one, so only they can stop it.",
    "nothing-to-cancel": "There is nothing to cancel: nothing of yours is being made.",
    "nothing-to-undo": "There is nothing to go back to: this picture is where it began.",
    "nothing-to-vary": "/{command} leaves nothing to chance: asked the same, it makes the same. Ask for "
    "something else.",
    "nothing-to-repeat": "There is nothing to do again yet. Make a picture first: /f an astronaut in a field",
    "already-ended": "That is already over, so there is nothing to cancel.",
    # Refused by what the command can do.
    "takes-no-picture": "/{command} works without pictures. Send it without, or edit with /qwen.",
    "takes-at-most": "/{command} works with up to {most} pictures at once. Send fewer.",
    "queue-full": "You have {limit} pictures on the way, which is as many as I take at once. "
    "Wait for one, or /cancel one.",
    # Backends; {at} is " (name)", or nothing when the name is not known.
    "missing-model": "/{command} can't run: the model {model} is missing on the machine that makes the "
    "pictures{at}. Whoever runs this studio has to add it.",
    "missing-node": "/{command} can't run: the ComfyUI node {node} is missing on the machine that makes the "
    "pictures{at}. Whoever runs this studio has to add it.",
    "missing-file": "/{command} can't run: the file {file} is missing on the machine that makes the "
    "pictures{at}. Whoever runs this studio has to add it.",
    "no-backend": "No machine here can make that at the moment. Please try again later.",
    "workflow-unknown": "/{command} was changed while you waited. Please send it again.",
    "tunnel-down": "The way to the machine that makes the pictures is closed. Please try again later.",
    "backend-unreachable": "The machine that makes the pictures{at} is off or out of reach. "
    "Please try again later.",
    "waiting-for-backend": "Waiting: no machine that can make this is in reach now{at}. "
    "Yours starts by itself when one is back.",
    "waiting-for-tunnel": "Waiting: the tunnel to the machine that makes the pictures is down, and nothing "
    "is sent around it. Yours starts by itself when it is back.",
    "waiting-for-proof": "Waiting: it is being checked that nothing goes around the tunnel to the machine "
    "that makes the pictures. Yours starts by itself once that is proved.",
    "leak-found": "Waiting: something was found to go around the tunnel, so nothing is sent. Whoever runs "
    "this studio has to look at it; yours starts by itself after that.",
    "backend-cut": "The line to the machine that makes the pictures{at} broke. Please send it again.",
    "backend-timeout": "The machine that makes the pictures{at} did not answer in time. Please try again.",
    "backend-answer": "The machine that makes the pictures{at} gave an answer I don't understand. "
    "Whoever runs this studio should look at it.",
    "backend-wedged": "The machine that makes the pictures{at} is stuck. "
    "Whoever runs this studio should look at it.",
    "backend-lost-job": "The machine lost this picture on the way. Please send it again.",
    "backend-busy": "The machine that makes the pictures{at} was busy with something else for too long. "
    "Please try again later.",
    "gpu-failed": "The graphics card of the machine{at} failed. Please send it again; if that keeps "
    "happening, whoever runs this studio should restart ComfyUI.",
    "out-of-memory": "The machine ran out of memory. Try a smaller --size or fewer pictures.",
    "bad-input-image": "The machine could not read the picture to edit. Please send another one.",
    "input-gone": "The picture to edit got lost on the machine. Please send this again.",
    "input-too-large": "The picture to edit is too large for the machine. Please send a smaller one.",
    "bad-input": "The machine refused this with these settings. Try other --size or --steps.",
    "bad-parameters": "The machine refused this with these settings. Try other --size or --steps.",
    "renderer-failed": "Something is wrong with this studio itself, and it could not make this. Please tell "
    "whoever runs it.",
    "node-failed": "Something went wrong while making it. Try again, or ask a little differently.",
    "timeout": "It took too long, so I stopped it. Try fewer --steps or a smaller --size.",
    "render-timeout": "It took too long, so I stopped it. Try fewer --steps or a smaller --size.",
    "interrupted-elsewhere": "Someone stopped it on the machine itself. Please send it again.",
    "cancel-unconfirmed": "I tried to stop it, but the machine did not confirm that. You get nothing of it.",
    "no-output": "The machine finished but made nothing. Please send it again.",
    "output-too-large": "What the machine made is too large: I take up to {limit}. Ask for a smaller --size.",
    "output-not-media": "/{command} ends in words, and I can only bring pictures, videos and sounds. "
    "Whoever runs this studio has to change its workflow.",
    "too-many-outputs": "/{command} made {files} files, and I bring up to {most} at once. Ask for fewer.",
    "unknown-output": "/{command} made a file of a kind that I can't free from hidden data ({ending}), so I "
    "don't bring it. Whoever runs this studio has to change its workflow.",
    "unreadable-output": "What the machine made can't be read. Please send it again.",
    "message-too-large": "That is too much at once for me to carry. Please send less, or shorter words.",
    "unreadable": "What I had noted of this can't be read any more. Please send it again.",
    "unseal": "What I had kept of this does not open any more. Please send it again.",
    "media-missing": "A picture that belongs to this got lost. Please send it again.",
    "too-large-to-show": "It is done, but its {size} are more than Telegram carries from a bot. Ask for a "
    "smaller --size; whoever runs this studio can lift that limit with a Bot API server of their own.",
    "made-smaller": "Smaller than asked: the machine's memory did not suffice for that.",
    # What is done.
    "imported": "Got it. Now say what to change, like this: /qwen make it night",
    "selected": "Back to this picture: the next edit changes it.",
    "cancelling": "Stopping it.",
    "cancelled": "Cancelled. Nothing was made.",
    "cancelled-ok": "Cancelled. Nothing was made.",
    "queue-empty": "Nothing of yours is waiting or being made.",
    # Who may, and what keeps it.
    "not-allowed": "This studio is private. If you know its owner, give them your id: {id}",
    "nats-down": "I can't take this just now, and I have not kept it. Please send it again in a minute.",
    "nats-down-will-retry": "I can't take this just now. I will as soon as I can; no need to send it again.",
    "no-answer": "I get no answer from the studio just now. Please try again in a minute.",
    "internal": "Something went wrong on my side. Please try again.",
    "privacy": "What is protected: your words and pictures are kept sealed, and nobody else in this studio "
    "sees them. Pictures carry no location, camera or prompt data, neither those you send nor those "
    "you get. The machine that makes them is reached through an anonymity network, unless it is this one.\n"
    "What is not: whoever owns the machine that makes the pictures can see what it makes{by_channel}. That "
    "this studio uses an anonymity network at all, and when and how much, can be seen on its line; whoever "
    "watches both ends of it may conclude who makes whose pictures.{egress}",
}
