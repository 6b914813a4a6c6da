from msgspec.structs import replace
from tests import builders
import random, asyncio
from pathlib import Path
from PIL import Image, ImageFilter
import io
from tests.integration.ingress_web.test_page_media import *
from tests.integration.ingress_web.test_page_media import browsing
from tests.botapi.pictures import *
import pytest
def noisy(size, seed, enc="JPEG"):
    r = random.Random(seed)
    im = Image.new("RGB", (8,5)); im.putdata([(r.randrange(256),r.randrange(256),r.randrange(256)) for _ in range(40)])
    out=io.BytesIO(); im.resize(size, Image.BICUBIC).save(out, enc); return out.getvalue()
@pytest.mark.parametrize("name,screen",[("light",{}),("dark",{"dark":True}),("phone",{"width_px":390,"height_px":800}),("phone-dark",{"width_px":390,"height_px":800,"dark":True})])
async def test_shots(browsing, orchestrator, name, screen):
    orchestrator.simulated = True
    orchestrator.workflows = (*orchestrator.workflows, replace(builders.SPEC, command="wan", title="Wan 2.2", kind="video", digest="7"*64), replace(builders.EDIT_SPEC, command="invert", title="Invert", digest="8"*64, takes_prompt=False, inputs_max=1, bounds={}))
    orchestrator.able = (*orchestrator.able, "8"*64)
    async with browsing(**screen) as (visitor, session):
        clip = await orchestrator.keep(session, film_bytes((832,480)), poster=noisy((832,480),3), mime="video/mp4", width_px=832, height_px=480, duration_s=5.1)
        e1 = orchestrator.entry(session, said="/wan a goose that lands on a lake at dusk --seed 7", status="done", pictures=(clip,), title="Wan 2.2", simulated=True, details={"smaller":"1"})
        res = (
            await orchestrator.keep(session, noisy((512,512),5,"PNG"), width_px=512, height_px=512),
            await orchestrator.keep(session, moving_bytes("WEBP",(512,512)), mime="image/webp", animated=True, width_px=512, height_px=512),
            await orchestrator.keep(session, film_bytes((512,512)), poster=noisy((512,512),9), mime="video/mp4", width_px=512, height_px=512, duration_s=2.0),
            await orchestrator.keep(session, sound_bytes(), mime="audio/mpeg", width_px=0, height_px=0, duration_s=2.0))
        e2 = orchestrator.entry(session, said="/mine four things at once", status="done", pictures=res, title="Mine")
        e3 = orchestrator.entry(session, said="/f a lighthouse in a storm, oil on canvas", status="running", version=1)
        orchestrator.entries[session] = [e1]
        await visitor.page.reload(); await visitor.page.locator("[data-status=done]").first.wait_for()
        await asyncio.sleep(0.6)
        d = Path("/tmp/w/shots"); d.mkdir(exist_ok=True)
        print(await visitor.page.locator("video").evaluate("v => [v.networkState, v.readyState, v.preload, v.paused, v.error]"))
        await visitor.page.screenshot(path=d/f"{name}-video.png")
        orchestrator.entries[session] = [e2]
        await visitor.page.reload(); await visitor.page.locator("[data-status=done]").first.wait_for()
        await asyncio.sleep(0.6)
        await visitor.page.screenshot(path=d/f"{name}-grid.png")
        orchestrator.entries[session] = [e3]
        await visitor.page.reload(); await visitor.page.locator("[data-status=running]").first.wait_for()
        await orchestrator.progress(e3, 42.0, preview=noisy((96,64),11), node="Sample with the 4-step LoRA", step=3, steps=8)
        await visitor.page.locator(".preview img").wait_for()
        await asyncio.sleep(0.5)
        await visitor.page.screenshot(path=d/f"{name}-preview.png")
        await visitor.page.get_by_label("Message", exact=True).fill("/")
        await asyncio.sleep(0.3)
        await visitor.page.screenshot(path=d/f"{name}-commands.png")
