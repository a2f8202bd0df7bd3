# SPDX-License-Identifier: BSD-3-Clause
"""
A headless Chromium, driven over the pipe of its DevTools protocol with
nothing but Python's standard library.  Clicks and keys are those of a real
mouse and keyboard: what is hidden or covered cannot be clicked.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60   # seconds; only a test that fails waits so long

KEYS = {
    "Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, ""),
    " ": (32, " "), "ArrowDown": (40, ""), "ArrowUp": (38, ""),
}


class Failure(Exception):
    """What was promised does not hold."""


class Browser:
    """One browser, and messages to and from it."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="page-")
        self.number = 0
        self.inbox = b""
        self.events = []
        self.listeners = []
        ours, theirs = os.pipe(), os.pipe()
        self.write_fd, self.read_fd = ours[1], theirs[0]
        # The browser reads at 3 and writes at 4.
        shell = 'in=$1 out=$2; shift 2; eval "exec 3<&$in 4>&$out"; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "sh", str(ours[0]), str(theirs[1]), program,
             "--headless", "--remote-debugging-pipe", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-extensions", "--disable-background-networking",
             "--disable-component-update", "--disable-default-apps",
             "--hide-scrollbars", "--force-device-scale-factor=1",
             f"--user-data-dir={self.folder}", "about:blank"],
            pass_fds=(ours[0], theirs[1]), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.folder})
        os.close(ours[0])
        os.close(theirs[1])

    def close(self):
        try:
            self.call("Browser.close")
        except Failure:
            self.process.kill()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, session=None, **parameters):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.write_fd, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(until)
            if answer is None:
                raise Failure(f"{method}: the browser does not answer")
            if answer.get("id") == number:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def receive(self, until):
        """One message, or None; events are kept and told to listeners."""
        while b"\0" not in self.inbox:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.read_fd], [], [],
                                              left)[0]:
                return None
            piece = os.read(self.read_fd, 1 << 20)
            if not piece:
                raise Failure("the browser has ended")
            self.inbox += piece
        text, self.inbox = self.inbox.split(b"\0", 1)
        message = json.loads(text)
        if "method" in message:
            self.events.append(message)
            for listener in self.listeners:
                listener(message)
        return message

    def drain(self):
        while self.receive(time.monotonic() + 0.01) is not None:
            pass


class Page:
    """A tab, with passwords and storage of its own."""

    def __init__(self, browser, width=1280, height=860):
        self.browser = browser
        context = browser.call("Target.createBrowserContext")
        target = browser.call("Target.createTarget", url="about:blank",
                              browserContextId=context["browserContextId"])
        self.session = browser.call(
            "Target.attachToTarget", targetId=target["targetId"],
            flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.size(width, height)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url):
        self.call("Page.navigate", url=url)

    def login(self, user, password):
        """Answers the browser's question for a password."""
        def answer(event):
            if event.get("sessionId") != self.session:
                return
            what = event["params"].get("requestId")
            if event["method"] == "Fetch.requestPaused":
                self.send("Fetch.continueRequest", requestId=what)
            elif event["method"] == "Fetch.authRequired":
                self.send("Fetch.continueWithAuth", requestId=what,
                          authChallengeResponse={
                              "response": "ProvideCredentials",
                              "username": user, "password": password})
        self.browser.listeners.append(answer)
        self.call("Fetch.enable", handleAuthRequests=True)

    def send(self, method, **parameters):
        """A call whose answer does not matter."""
        self.browser.number += 1
        os.write(self.browser.write_fd, json.dumps({
            "id": self.browser.number, "method": method,
            "params": parameters, "sessionId": self.session}).encode()
            + b"\0")

    def run(self, script):
        """The value of an expression, which may be a promise."""
        result = self.call("Runtime.evaluate", expression=script,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise Failure(f"{script}: "
                          + details.get("exception", {}).get(
                              "description", details["text"]))
        return result["result"].get("value")

    def wait(self, script, what=None):
        """Until the expression is true; its value."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                value = self.run(script)
            except Failure:
                value = None    # between two documents
            if value not in (None, False, 0, ""):
                return value
            time.sleep(0.05)
        raise Failure(f"waited in vain: {what or script}; the page says: "
                      + str(self.run("document.body.innerText"))[:2000])

    def has(self, text, where="body"):
        self.wait(f"[...document.querySelectorAll({json.dumps(where)})].some("
                  f"e => (e.innerText ?? e.textContent)"
                  f".includes({json.dumps(text)}))",
                  f"'{text}' in {where}")

    def find(self, selector, text=None):
        """Where an element is that can be clicked; waits for it."""
        return self.wait(f"""(() => {{
            const text = {json.dumps(text)};
            const e = [...document.querySelectorAll({json.dumps(selector)})]
                .find(e => (text === null
                    || e.textContent.trim() === text)
                    && e.getClientRects().length && !e.disabled);
            if (!e) return null;
            e.scrollIntoView({{ block: 'center', inline: 'nearest' }});
            const r = e.getBoundingClientRect();
            const x = r.x + r.width / 2, y = r.y + r.height / 2;
            const at = document.elementFromPoint(x, y);
            return at && (e.contains(at) || at.contains(e))
                ? {{ x, y }} : null;
        }})()""", f"something to click: {selector} {text or ''}")

    def click(self, selector, text=None):
        at = self.find(selector, text)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left",
                      clickCount=1, **at)

    def key(self, name, shift=False):
        code, text = KEYS[name]
        common = {"key": name, "code": "Space" if name == " " else name,
                  "windowsVirtualKeyCode": code, "modifiers": 8 * shift}
        self.call("Input.dispatchKeyEvent",
                  type="keyDown" if text else "rawKeyDown",
                  **common, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def tab_to(self, condition, most=150):
        """Presses Tab until the focused element 'e' fulfils it."""
        for _ in range(most):
            self.key("Tab")
            if self.run(f"(e => {condition})(document.activeElement)"):
                return
        raise Failure(f"Tab does not reach: {condition}")

    def choose(self, selector, value):
        """Chooses in a <select> as a person does with the keyboard."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.run(f"""(() => {{
            const s = document.querySelector({json.dumps(selector)});
            s.value = {json.dumps(value)};
            s.dispatchEvent(new Event('change', {{ bubbles: true }}));
        }})()""")

    def picture(self, file):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(file, "wb") as out:
            out.write(base64.b64decode(data))

    def problems(self):
        """What the browser complained about: errors of scripts, of the
        Content-Security-Policy, and so on."""
        self.browser.drain()
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                found.append(details.get("exception", {}).get(
                    "description", details["text"]))
            elif event["method"] == "Log.entryAdded":
                entry = event["params"]["entry"]
                if entry["level"] == "error":
                    found.append(f"{entry['text']} {entry.get('url', '')}")
        self.browser.events.clear()
        return found
