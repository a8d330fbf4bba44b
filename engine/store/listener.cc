#include "listener.h"

#include <memory>

#include <rocksdb/listener.h>
#include <rocksdb/options.h>

namespace
{

class listener : public rocksdb::EventListener
{
  public:
    listener(store_on_failure callback, void *context) : callback_(callback), context_(context)
    {
    }

    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status *failure) override
    {
        callback_(context_, failure->ToString().c_str());
    }

    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                              bool *auto_recovery) override
    {
        *auto_recovery = false;
    }

  private:
    store_on_failure callback_;
    void *context_;
};

} // namespace

void store_listen(rocksdb_options_t *options, store_on_failure callback, void *context)
{
    // The C API's struct has the options as its first and only member, and no call for this one.
    auto *inner = reinterpret_cast<rocksdb::Options *>(options);
    inner->listeners.push_back(std::make_shared<listener>(callback, context));
}
