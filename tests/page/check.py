#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""
The web page as people use it, in a headless Chromium: check.py STEP ARGUMENT...
test-web-page.sh makes the host that these steps find.
"""
import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading

from browser import Browser, Failure, Page

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
RULE = "[data-add='XVS_AclPortRule']"
ROWS = "[...document.querySelectorAll('section')].find(s => " \
    "s.querySelector(\"[data-add='XVS_AclPortRule']\"))" \
    ".querySelectorAll('tbody tr')"


def promise(holds, what):
    if not holds:
        raise Failure(what)


def xvsctl(*words):
    return subprocess.run(["xvsctl", *words], check=True,
                          capture_output=True, text=True).stdout


def nav(page, name):
    page.click("#nav a", name)
    page.wait(f"document.querySelector('h1').textContent === '{name}'")


def looks(page):
    """Overview, and a switch whose numbers move."""
    page.has("Everything is well", "h1")
    nav(page, "lan")
    page.wait("document.querySelector('.chain [data-stage=acl]')")
    page.wait("document.querySelectorAll('.chain [data-stage]').length === 4")
    promise(page.run("document.querySelector('.chain [data-stage=acl] "
                     ".badge').textContent") == "process", "no badge")
    page.has("failover", ".chain text")
    page.has("present", "td")       # the standby of acl
    page.has("enter at acl", ".chain text")
    # Packets of a guest's ping, which goes on all the time.
    page.wait("/^[1-9]/.test(document.querySelector("
              "'.chain [data-stage=acl] .figure').textContent)",
              "packets through acl")
    page.wait("[...document.querySelectorAll('tbody tr')].some(r => "
              "r.textContent.startsWith('a') && "
              "Number(r.children[4].textContent) > 0)", "packets at port a")
    page.wait("document.querySelector('td .spark polyline')"
              ".getAttribute('points').includes(' ')", "a line of the minute")


def forms(page):
    """A setting is refused, corrected, changed and removed."""
    nav(page, "acl")
    page.click(RULE)
    page.choose("[name=Place]", "lan/a")
    page.click("dialog button.main")
    page.has("Action", "dialog .refusal")
    page.choose("[name=Action]", "2")
    page.choose("[name=Direction]", "1")
    page.click("[name=SourcePortHigh]")
    page.type("99999")
    page.click("dialog button.main")
    page.has("is not from 0 to 65535", "dialog .wrong")
    page.run("document.querySelector('[name=SourcePortHigh]').select()")
    page.type("0")
    page.click("[name=SourcePrefix]")
    page.type("nonsense")
    page.click("dialog button.main")
    page.has("nonsense", "dialog .refusal")
    page.run("document.querySelector('[name=SourcePrefix]').select()")
    page.type("198.51.100.0/24")
    page.click("dialog button.main")
    page.wait("!document.querySelector('dialog')")
    page.wait(f"{ROWS}.length === 1")
    promise("198.51.100.0/24" in xvsctl("feature", "get", "XVS_AclPortRule",
                                        "lan/a", "--json"), "no such rule")
    page.click("td.actions button", "Change")
    page.wait("document.querySelector('[name=SourcePrefix]').value"
              " === '198.51.100.0/24'")
    page.choose("[name=Direction]", "3")
    page.click("dialog button.main")
    page.wait(f"{ROWS}[0].innerText.includes('both')")
    page.click("td.actions button", "Remove")
    page.click("dialog button.danger")
    page.wait(f"{ROWS}.length === 0")


def methods(page):
    """A method of a status object is called, and says what came out."""
    nav(page, "acl")
    page.click("td.actions button", "Reset counters")
    page.has("Sets the counters", "dialog .about")
    page.click("dialog button.main")
    page.has("Cleared", "dialog dl.pairs")
    page.key("Escape")
    page.wait("!document.querySelector('dialog')")


def keyboard(page):
    """The same without a mouse."""
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.tab_to("e.id === 'skip'")
    page.key("Enter")
    page.wait("document.activeElement.id === 'main'")
    page.tab_to("e.dataset.add === 'XVS_AclPortRule'")
    promise(page.run("getComputedStyle(document.activeElement)"
                     ".outlineStyle") == "solid", "the focus is not seen")
    page.key("Enter")
    page.wait("document.activeElement.name === 'Place'")
    page.key("Escape")
    page.wait("!document.querySelector('dialog')")
    page.wait("document.activeElement.dataset.add === 'XVS_AclPortRule'",
              "the focus back where it was")
    page.key("Enter")
    page.wait("document.activeElement.name === 'Place'")
    page.key("ArrowDown")
    page.tab_to("e.name === 'Action'")
    page.key("ArrowDown")
    page.tab_to("e.textContent === 'Add' && e.type === 'submit'")
    page.key("Enter")
    page.wait(f"{ROWS}.length === 1")
    page.tab_to("e.textContent === 'Remove'")
    page.key("Enter")
    page.wait("document.activeElement.textContent === 'Remove' && "
              "document.activeElement.closest('dialog')")
    page.key("Enter")
    page.wait(f"{ROWS}.length === 0")


def hostile(page):
    """Names and texts of others are text; secrets are not shown."""
    nav(page, "secret")
    page.wait("document.querySelector('[data-add=Test_Key]')")
    promise(page.run("!document.querySelector('#main img')"), "markup")
    page.has(HOSTILE, "h2")
    page.click("[data-add=Test_Key]")
    promise(page.run("document.querySelector('[name=Key]').type")
            == "password", "a secret is typed in the open")
    page.choose("[name=Place]", "lan")
    page.click("[name=Peer]")
    page.type(HOSTILE)
    page.click("[name=Key]")
    page.type("opensesame")
    page.click("dialog button.main")
    page.wait("!document.querySelector('dialog')")
    page.has(HOSTILE, "td")
    promise(page.run("!document.querySelector('#main img')"
                     " && document.title !== 'owned'"), "markup ran")
    page.click("td.actions button", "Change")
    page.wait("document.querySelector('[name=Key]')")
    promise(page.run("document.querySelector('[name=Key]').value") == "",
            "a secret is shown")
    page.key("Escape")
    page.wait("!document.querySelector('dialog')")
    promise("opensesame" not in page.run("document.body.innerHTML"),
            "the secret is in the page")


def nested(page):
    """A setting with objects in it, filled in, refused, changed."""
    one = "[data-name=First]"
    nav(page, "nested")
    page.click("[data-add=Test_Nested]")
    page.choose("[name=Place]", "lan")
    page.click("[data-embed=First]")
    page.wait("document.activeElement.name === 'Address'")
    page.click("dialog button.main")
    page.has("A value is needed", f"{one} .wrong")
    page.click(f"{one} [name=Address]")
    page.type("192.0.2.53")
    page.run(f"document.querySelector('{one} [name=Port]').select()")
    page.type("99")
    page.click("[data-embed=Others]")
    page.type("<second>")
    page.click("[data-embed=Others]")
    page.type("third")
    page.click("dialog button.main")
    page.has("99 is no port", "dialog .refusal")
    page.run(f"document.querySelector('{one} [name=Port]').select()")
    page.type("5353")
    page.click("dialog button.main")
    page.wait("!document.querySelector('dialog')")
    page.has("Address 192.0.2.53, Port 5353, Protocol udp", "td")
    page.has("Address <second>, Port 53, Protocol udp; Address third", "td")
    page.click("td.actions button", "Change")
    page.wait(f"document.querySelector('{one} [name=Port]').value === '5353'")
    page.choose(f"{one} [name=Protocol]", "2")
    page.click("[data-name=Others] .item button", "Remove")
    page.click("dialog button.main")
    page.has("Address 192.0.2.53, Port 5353, Protocol tcp", "td")
    told = json.loads(xvsctl("feature", "get", "Test_Nested", "lan", "--json"))
    told = told[0] if isinstance(told, list) else told
    promise(told["First"]["properties"]["Protocol"] == 2
            and [o["properties"]["Address"] for o in told["Others"]]
            == ["third"], f"objects are {told}")
    page.click("td.actions button", "Change")
    page.click(f"{one} .item button", "Leave out")
    page.click("dialog button.main")
    page.wait("!document.querySelector('dialog')")
    page.wait("![...document.querySelectorAll('td')].some(e => "
              "e.innerText.includes('192.0.2.53'))", "no first server")


def colours(page):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.run(ground)
    page.prefer("dark")
    page.wait(f"{ground} !== '{light}'", "darkness")
    page.click("#theme")
    page.wait(f"{ground} === '{light}'", "light by the button")
    page.click("#theme")
    page.wait(f"{ground} !== '{light}'", "darkness by the button")
    page.click("#theme")
    page.prefer("light")


def narrow(page):
    page.size(400, 800)
    for name in ("Overview", "lan", "acl"):
        page.click("#nav a", name)
        page.wait("document.documentElement.scrollWidth <= 400",
                  f"{name} as narrow as the screen")
    page.size(1280, 860)


def away(page, switch_pid):
    """xvs-switch ends: the page says so, and goes on."""
    page.click("#nav a", "Overview")
    page.has("Everything is well", "h1")
    os.kill(int(switch_pid), 15)
    page.has("xvs-switch is away", ".health")
    nav(page, "lan")
    page.wait("document.querySelector('.chain .stage.bad')")


def admin(browser, url, switch_pid):
    page = Page(browser)
    page.prefer("light")
    page.open(url)
    page.has("admin", "#role")
    promise("token" not in page.run("location.href"), "the token is shown")
    looks(page)
    forms(page)
    methods(page)
    keyboard(page)
    hostile(page)
    nested(page)
    colours(page)
    narrow(page)
    away(page, switch_pid)
    found = page.problems()
    promise(not found, f"the browser complains: {found}")


def other(browser, url):
    """A tab without the token."""
    page = Page(browser)
    page.open(url)
    page.has("Open the address that xvsctl web printed", "#trouble")


def reader(browser, url):
    """By password, with rights to read."""
    page = Page(browser)
    page.login("rita", "secret")
    page.open(url)
    page.has("reader", "#role")
    page.has("Switches", "h2")
    nav(page, "lan")
    page.wait("document.querySelectorAll('tbody tr').length > 3")
    nav(page, "acl")
    page.has("XVS_AclPortRule", "code")
    promise(page.run("[...document.querySelectorAll('button')].every(b => "
                     "!['Add', 'Change', 'Remove'].includes(b.textContent))"),
            "a reader gets buttons of an admin")
    found = page.problems()
    promise(not found, f"the browser complains: {found}")


def pictures(browser, url, folder):
    """What the documents show."""
    page = Page(browser, 1120, 640)
    page.prefer("light")
    page.open(url)
    page.has("Switches", "h2")
    page.wait("(document.querySelector('td .spark polyline')"
              ".getAttribute('points').match(/ /g) || []).length > 25",
              "half a minute of traffic")
    page.picture(f"{folder}/page-overview.png")
    nav(page, "lan")
    page.wait("document.querySelector('.chain [data-stage=acl]')")
    page.picture(f"{folder}/page-switch.png")
    page.prefer("dark")
    nav(page, "acl")
    page.click(RULE)
    page.choose("[name=Place]", "lan/a")
    page.click("dialog button.main")
    page.has("Action", "dialog .refusal")
    page.picture(f"{folder}/page-form.png")


def many(browser, url):
    """A thousand ports: a page of rows, found by a word and in order."""
    page = Page(browser)
    page.open(url)
    page.has("Switches", "h2")
    nav(page, "big")
    page.has("page 1 of 20", ".count")
    promise(page.run("document.querySelectorAll('tr').length") < 70,
            "all rows are in the document")
    page.click("[aria-label='Next page']")
    page.has("page 2 of 20", ".count")
    page.click("[aria-label='Filter: Ports']")
    page.type("p777")
    page.has("1 of 1000 rows", ".count")
    page.click("button.link", "p777")
    page.has("Port big/p777", "dialog h2")
    page.key("Escape")


class Stranger(http.server.BaseHTTPRequestHandler):
    """A site that means harm."""
    target = ""

    def do_GET(self):
        body = f"""<iframe src="{self.target}"></iframe>
<form id="f" method="post" enctype="text/plain" action="{self.target}cimom">
<input name="<CIM" value="evil"></form>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def stranger(browser, url):
    """Pages of others, in a browser that knows an admin's password."""
    Stranger.target = url
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = Page(browser)
    page.login("alice", "secret")
    page.open(url)
    page.has("admin", "#role")
    page.open(f"http://127.0.0.1:{server.server_port}/")
    page.wait("document.getElementById('f')")
    promise(page.run(f"""fetch('{url}cimom', {{ method: 'POST',
        credentials: 'include', body: '<CIM/>', headers: {{
            'Content-Type': 'application/xml', CIMOperation: 'MethodCall' }}
        }}).then(() => false, () => true)"""), "a request of another site")
    promise(page.run("""(() => { try { return document.querySelector('iframe')
        .contentDocument === null; } catch (e) { return true; } })()"""),
            "the page in a frame")
    page.run("document.getElementById('f').submit()")
    page.has("Pages of other sites may not ask")
    server.shutdown()


def main():
    step = {"admin": admin, "other": other, "reader": reader,
            "stranger": stranger, "pictures": pictures, "many": many}
    browser = Browser(os.environ["CHROMIUM"])
    with contextlib.closing(browser):
        try:
            words = sys.argv[1:]
            while words:
                n = 3 if words[0] in ("admin", "pictures") else 2
                step[words[0]](browser, *words[1:n])
                words = words[n:]
        except Failure as failure:
            sys.exit(f"page: {failure}")


main()
