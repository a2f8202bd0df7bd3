#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""
The view of VMs, in a headless Chromium: vms.py URL [PICTURE].
test-web-page-vms.sh makes the VMs that are looked at.
"""
import contextlib
import os
import subprocess
import sys

from browser import Browser, Failure, Page

GROUND = "getComputedStyle(document.body).backgroundColor"


def cell(name, title):
    """A cell of the table of VMs, by its row and its column."""
    return f"""(() => {{
        const table = [...document.querySelectorAll('table')].find(t =>
            t.caption.textContent === 'VMs');
        const at = [...table.tHead.rows[0].cells].findIndex(c =>
            c.textContent === '{title}');
        return [...table.tBodies[0].rows].find(r =>
            r.cells[0].textContent === '{name}')?.cells[at]; }})()"""


def says(page, name, title, wanted):
    page.wait(f"{cell(name, title)}.textContent.trim() === '{wanted}'",
              f"{wanted} as '{title}' of {name}")


def table(page):
    """What is there, what it did, and that numbers move."""
    says(page, "web1", "State", "\u25cf up")
    says(page, "web1", "Channel", "vsock")
    says(page, "web1", "Host", "localhost")
    says(page, "web1", "Conversations", "1")
    says(page, "web1", "Refused", "3")
    page.wait(f"{cell('web1', 'Refused')}.title.includes('Refused ports: 3')")
    says(page, "far", "State", "\u25cb elsewhere")
    says(page, "far", "Host", "h2")
    page.wait(f"{cell('dead', 'State')}.textContent.startsWith('\u25b2 down')"
              f" && {cell('dead', 'State')}.innerText.includes('nobody')",
              "down, and why")
    # What is said to it all the time ends as a conversation, again and again.
    page.wait(f"/b\\/s$/.test({cell('web1', 'Now')}.textContent)", "a rate")
    page.wait(f"{cell('web1', 'Last minute')}.querySelector('polyline')"
              ".getAttribute('points').includes(' ')", "a line of the minute")
    page.wait("[...document.querySelectorAll('.figure')].some(f => "
              "f.textContent === 'Vms3')", "a figure of all VMs")
    page.has("/proxy.sock", "td, th")


def keyboard(page):
    """A VM in all words, and back, without a mouse."""
    page.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.tab_to("e.tagName === 'A' && e.textContent === 'VMs'")
    page.key("Enter")
    page.tab_to("e.textContent === 'web1'")
    page.key("Enter")
    page.has("VM web1", "dialog h2")
    page.has("0b9fa7f6-28a5-4bb4-9c4c-6ba0c6f0b9d1", "dialog dd")
    page.wait("[...document.querySelectorAll('dialog dl > div')].some(d => "
              "d.textContent.startsWith('Bytes up') && "
              "d.textContent.includes('b/s'))", "numbers move in the dialog")
    page.key("Escape")
    page.wait("!document.querySelector('dialog')")
    page.wait("document.activeElement.textContent === 'web1'",
              "the focus back where it was")
    page.tab_to("e.dataset.add === 'XVS_ChannelVm'")
    page.key("Enter")
    page.wait("document.activeElement.closest('dialog')")
    page.key("Escape")


def live(page):
    """A VM goes while somebody looks."""
    subprocess.run(["xvsctl", "vm", "forget", "dead"], check=True)
    page.wait("[...document.querySelectorAll('tbody th')].every(h => "
              "h.textContent !== 'dead')", "a VM that has gone")


def look(page, picture):
    light = page.run(GROUND)
    page.prefer("dark")
    page.wait(f"{GROUND} !== '{light}'", "darkness")
    for kind in ("up", "elsewhere"):
        page.wait(f"getComputedStyle([...document.querySelectorAll('.state')]"
                  f".find(s => s.textContent.includes('{kind}'))).color !== "
                  f"{GROUND}")
    if picture:
        page.picture(f"{picture}/page-vms-dark.png")
    page.prefer("light")
    page.size(400, 800)
    page.wait("document.documentElement.scrollWidth <= 400",
              "as narrow as the screen")
    page.size(1280, 860)
    if picture:
        page.picture(f"{picture}/page-vms.png")


def main():
    browser = Browser(os.environ["CHROMIUM"])
    with contextlib.closing(browser):
        try:
            page = Page(browser)
            page.prefer("light")
            page.open(sys.argv[1])
            page.click("#nav a", "VMs")
            table(page)
            keyboard(page)
            look(page, sys.argv[2] if len(sys.argv) > 2 else None)
            live(page)
            found = page.problems()
            if found:
                raise Failure(f"the browser complains: {found}")
        except Failure as failure:
            sys.exit(f"page: {failure}")


main()
