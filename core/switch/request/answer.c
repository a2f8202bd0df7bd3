/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What an extension said, as the answer of the request that asked it.
 */

#include <config.h>

#include "stage/stage.h"
#include "switch/request/request.h"
#include "switch/server.h"

void
extensions_answer(struct request *request, const struct outcome *outcome,
                  const struct stage *stage, uint32_t index)
{
    struct control_result what = { .index = index, .code = outcome->code };

    if (stage) {
        server_put_text(what.extension, sizeof what.extension,
                        stage_name(stage));
    }
    server_put_text(what.text, sizeof what.text, outcome->text);
    request_result(request, outcome->result, &what);
}
