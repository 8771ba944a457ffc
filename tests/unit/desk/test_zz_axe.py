import os, sys, threading
sys.path.insert(0, "/work/main/tests")
from pathlib import Path
def test_axe(sqlite_vault):
    from nacl.public import PrivateKey
    from cop.vault.members import keys
    from cop.vault.members.keys.rules import PROGRAM
    from cop.vault.members.rules import program
    v=sqlite_vault; alpha=v.organisations["alpha"]
    keys.establish_escrow(actor=program(PROGRAM), public=bytes(PrivateKey.generate().public_key), threshold=2, shares=3)
    P="harbour lantern stone ferry"
    for w in ("key_custodian@alpha","analyst@alpha","reviewer@alpha"): keys.create_key(actor=v.actor(w), passphrase=P)
    keys.create_office(actor=v.actor("key_custodian@alpha"), organisation=alpha)
    pr=keys.open_key_of(actor=v.actor("key_custodian@alpha"), passphrase=P)
    keys.grant(actor=v.actor("key_custodian@alpha"), organisation=alpha, person=v.people["analyst@alpha"], private=pr)
    keys.revoke(actor=v.actor("key_custodian@alpha"), organisation=alpha, person=v.people["analyst@alpha"])
    keys.rotate_office(actor=v.actor("key_custodian@alpha"), organisation=alpha, private=pr)
    pages={}
    for lang in ("en","ar"):
        c=v.client("key_custodian@alpha"); c.post("/desk/language/",{"language":lang})
        pages[f"unlock-{lang}"]=c.get("/desk/unlock/").content
        pages[f"wrong-{lang}"]=c.post("/desk/unlock/",{"cop_passphrase":"x"}).content
        pages[f"keys-{lang}"]=c.get("/desk/keys/").content
        pages[f"office-{lang}"]=c.get(f"/desk/keys/{alpha}/").content
        pages[f"carried-{lang}"]=c.post(f"/desk/keys/{alpha}/rotate/",{"x":"y"}).content
        n=v.client("reviewer@beta"); n.post("/desk/language/",{"language":lang}); pages[f"new-{lang}"]=n.post("/desk/keys/new/",{"passphrase":"a"}).content
        a=v.client("auditor@office"); a.post("/desk/language/",{"language":lang}); pages[f"ledger-{lang}"]=a.get("/desk/ledger/").content
    css=Path("/work/main/src/cop/desk/static/desk/desk.css").read_text()
    from playwright.sync_api import sync_playwright
    from axe_playwright_python.sync_playwright import Axe
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]="true"
    bad={}
    with sync_playwright() as p:
        b=p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox","--disable-gpu"])
        for width in (1100,320):
            pg=b.new_page(viewport={"width":width,"height":800})
            for name,body in pages.items():
                html=body.decode()
                pg.set_content(html); pg.add_style_tag(content=css)
                if width==320:
                    over=pg.evaluate("document.documentElement.scrollWidth"); 
                    if over>320: bad[f"{name} reflow"]=over
                else:
                    r=Axe().run(pg)
                    for x in r.response["violations"]: bad[f"{name} {x['id']}"]=[n["html"][:150] for n in x["nodes"]][:3]
                if width==1100: pg.screenshot(path=f"/tmp/k_pg_{name}.png", full_page=True)
        b.close()
    print(bad); assert not bad
