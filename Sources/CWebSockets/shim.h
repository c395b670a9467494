// What Swift cannot import from libwebsockets: a macro made of macros.
#pragma once
#include <libwebsockets.h>

static const size_t party_lws_pre = LWS_PRE;
