// SPDX-License-Identifier: BSD-3-Clause
//
// A filter in C++17: drops the Ethernet types that an admin names.  No
// exception may leave a hook.
#include <algorithm>
#include <iterator>
#include <memory>
#include <new>
#include <vector>

#include <xvs/extension.h>

#include "sample_block.h"

namespace {

using Types = std::vector<uint16_t>;

class Block {
public:
    explicit Block(const xvs_host *host) : host_(host) {}
    ~Block() { delete types_; }
    Block(const Block &) = delete;
    Block &operator=(const Block &) = delete;

    int setting(const xvs_setting *setting)
    {
        auto fresh = std::make_unique<Types>();

        if (setting->op != XVS_DELETE) {
            const auto *values = sample_block_settings_get(setting);

            if (!values) {
                return XVS_NOT_SUPPORTED;
            }
            fresh->assign(values->types, values->types + values->n_types);
            std::sort(fresh->begin(), fresh->end());
        }
        if (setting->op != XVS_VALIDATE) {
            // Workers may still read the old one: the host frees it later.
            host_->retire(host_, xvs_publish(types_, fresh.release()),
                          [](void *old) { delete static_cast<Types *>(old); });
        }
        return XVS_SUCCESS;
    }

    void ingress(xvs_burst *burst)
    {
        const Types *types = xvs_read(types_);

        for (uint32_t i = 0; i < burst->n; i++) {
            if (std::binary_search(types->begin(), types->end(),
                                   burst->packets[i]->ethertype)) {
                xvs_drop(burst->packets[i], 1);
            }
        }
    }

private:
    const xvs_host *host_;
    Types *types_ = new Types;  // published
};

int
init(const xvs_host *host, void **self)
try {
    *self = new Block(host);
    return XVS_SUCCESS;
} catch (const std::bad_alloc &) {
    return XVS_RESOURCES;
}

void
fini(void *self)
{
    delete static_cast<Block *>(self);
}

int
setting(void *self, const xvs_setting *setting, xvs_answer *)
try {
    return static_cast<Block *>(self)->setting(setting);
} catch (const std::bad_alloc &) {
    return XVS_RESOURCES;
}

void
ingress(void *self, xvs_burst *burst)
{
    static_cast<Block *>(self)->ingress(burst);
}

const char *const reasons[] = { nullptr, "blocked type" };
const xvs_feature features[] = XVS_FEATURES;

// What is not set here is zero.
constexpr xvs_extension describe()
{
    xvs_extension own {};

    own.size = sizeof(own);
    own.api_version = XVS_API_VERSION;
    own.id = { 0x3d0c77a1, 0x52f8, 0x4c1d,
               { 0xb1, 0x66, 0x20, 0x9f, 0x4e, 0x8a, 0xd2, 0x06 } };
    own.extension_class = XVS_CLASS_FILTER;
    own.on_failure = XVS_FAIL_OPEN;
    own.version = 0x0100;
    own.name = "block";
    own.vendor = "Example";
    own.description = "Drops packets of some Ethernet types.";
    own.features = features;
    own.n_features = std::size(features);
    own.init = init;
    own.fini = fini;
    own.setting = setting;
    own.ingress = ingress;
    own.reasons = reasons;
    own.n_reasons = std::size(reasons);
    return own;
}

}

XVS_EXTENSION = describe();
