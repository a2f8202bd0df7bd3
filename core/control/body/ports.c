/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The first words of both ends; switches and ports.
 */

#include <config.h>

#include "control/body/body.h"

#include <string.h>

#include "control/message.h"
#include "control/names.h"

bool
body_hello(struct body *body)
{
    const struct control_hello *hello = body_take(body, sizeof *hello, "body");

    if (!hello
        || !body_terminated(body, hello->version, sizeof hello->version,
                            "version")) {
        return false;
    }
    return hello->reserved == 0
        || body_invalid(body, "reserved field not zero");
}

bool
body_switch(struct body *body)
{
    const struct control_switch *one = body_take(body, sizeof *one, "body");

    if (!one
        || !body_named(body, one->name, sizeof one->name, "switch name")) {
        return false;
    }
    if (one->switch_id == 0) {
        return body_invalid(body, "switch number 0 is not allowed");
    }
    return one->reserved == 0 || body_invalid(body, "reserved field not zero");
}

bool
body_switch_id(struct body *body)
{
    const struct control_switch *one = body_take(body, sizeof *one, "body");

    return one && body_terminated(body, one->name, sizeof one->name, "name");
}

bool
body_port(struct body *body)
{
    const struct control_port *port = body_take(body, sizeof *port, "body");

    if (!port || !body_named(body, port->name, sizeof port->name, "port name")
        || !body_named(body, port->device, sizeof port->device, "device")) {
        return false;
    }
    if (port->port_id == 0 || port->port_id == XVS_PORT_NONE
        || port->switch_id == 0) {
        return body_invalid(body, "port or switch number out of range");
    }
    if (!control_driver_name(port->driver)) {
        return body_invalid(body, "unknown port driver");
    }
    if (!control_driver_has_mode(port->driver, port->mode)) {
        return body_invalid(body, "the port driver has no such mode");
    }
    if (control_driver_has_interface(port->driver)
        && strchr(port->device, '/')) {
        return body_invalid(body, "the device is not an interface name");
    }
    if (port->queues > CONTROL_QUEUES) {
        return body_invalid(body, "too many queues");
    }
    return (port->reserved == 0 && port->disabled <= 1)
        || body_invalid(body, "reserved field not zero");
}

bool
body_port_id(struct body *body)
{
    const struct control_port *port = body_take(body, sizeof *port, "body");

    return port && body_terminated(body, port->name, sizeof port->name, "name")
        && body_terminated(body, port->device, sizeof port->device, "device");
}
