#include "demo/demo_network.h"

#include "base/text.h"

const struct demo_host demo_hosts[DEMO_HOSTS] = {
	{ "management", DEMO_MANAGEMENT, "127.0.0.10", "示範管理層", "", "",
	    "" },
	{ "center-a", DEMO_CENTER, "127.0.0.21", "示範交換中心甲", "shared", "",
	    "" },
	{ "center-b", DEMO_CENTER, "127.0.0.22", "示範交換中心乙",
	    "self_managed", "", "" },
	{ "gateway-1", DEMO_GATEWAY, "127.0.0.31", "雲林縣政府閘道", "center-a",
	    "376490000A", "雲林縣政府" },
	{ "gateway-2", DEMO_GATEWAY, "127.0.0.32", "彰化縣政府閘道", "center-a",
	    "376470000A", "彰化縣政府" },
	{ "gateway-3", DEMO_GATEWAY, "127.0.0.33", "屏東縣政府閘道", "center-b",
	    "376530000A", "屏東縣政府" },
};

const struct demo_host *
demo_host_find(const char *name)
{
	for (int i = 0; i < DEMO_HOSTS; i++)
		if (text_equal(demo_hosts[i].name, name))
			return &demo_hosts[i];
	return NULL;
}
