#include "cli/help_topics.h"

#include <stddef.h>

#include "base/text.h"

static const struct help_topic clerk_topics[] = {
	{ "doc", "公文：檢核、發文、追蹤、簽收、退文、列印",
	    "letters: check, send, follow, sign for, return, print" },
	{ "draft", "草稿：擬稿、繕印校對、送出",
	    "drafts: write, proofread, send" },
	{ "receipt", "回執：列出、存檔、驗證", "receipts: list, save, verify" },
	{ "evidence", "證據檔：匯出，離線驗證",
	    "the proof of a delivery: export, verify offline" },
	{ "directory", "地址簿：查機關、歷次異動",
	    "the directory: find organisations, see what changed" },
	{ "recipient", "受文者：能否電子交換、收件限制",
	    "recipients: how they are reached, what they take" },
	{ "group", "受文者群組", "groups of recipients" },
	{ "desk", "登記桌：收文設定、登記簿、統計",
	    "the registry desk: how letters come in, registers, sums" },
	{ "deputy", "代理人", "deputies" },
	{ NULL, NULL, NULL },
};

static const struct help_topic operator_topics[] = {
	{ "init", "設定新閘道", "set up a new gateway" },
	{ "register", "登記主機，或登記異動",
	    "register a new host, or one that changes" },
	{ "serve", "執行主機：管理層、交換中心或閘道",
	    "run a host: management, center or gateway" },
	{ "doctor", "檢查主機狀況", "check whether a host is well" },
	{ "config", "設定檔：檢查、顯示", "the configuration: check, show" },
	{ "backup", "備份與備份驗證", "back up, and verify a backup" },
	{ "restore", "以備份還原", "put a backup in place of lost data" },
	{ "person", "登入人員與其職務", "who may log in, and as what" },
	{ "unit", "機關自訂的單位", "units of an organisation" },
	{ "token", "介接系統的權杖", "tokens of document systems" },
	{ "webhook", "事件通知介接系統", "events told to document systems" },
	{ "folder", "以監看資料夾交換公文", "letters through watched folders" },
	{ "card", "憑證卡：保管人、遺失、停用",
	    "cards: who keeps them, lost, blocked" },
	{ "module", "密碼模組：金鑰、自我測試、銷毀",
	    "crypto modules: keys, self-tests, zeroisation" },
	{ "queue", "交換中心待送其他中心的公文",
	    "what waits at a center for other centers" },
	{ "hold", "交換中心暫停某機關的收發",
	    "hold back what somebody sends or receives" },
	{ "release", "程式新版：取得、驗證、安裝、回復",
	    "new versions: fetch, verify, install, return" },
	{ NULL, NULL, NULL },
};

static const struct help_topic management_topics[] = {
	{ "case", "案件：立案、審查、核定、公報草稿",
	    "cases: open, check, approve, draft bulletins" },
	{ "trust", "金鑰儀式與公報：擬稿、簽署、發布",
	    "the key ceremony, bulletins: prepare, sign, publish" },
	{ "invite", "新閘道的起始檔",
	    "the file with which a new gateway begins" },
	{ NULL, NULL, NULL },
};

static const struct help_topic tool_topics[] = {
	{ "demo", "在一台機器上示範整個網路",
	    "a whole network on one machine, and a real letter" },
	{ "explain", "說明訊息代號：原因與處理方式",
	    "a message id: its cause and next step" },
	{ "log", "稽核交換中心的日誌", "audit the log of a center" },
	{ "conformance", "介接系統符合性檢測",
	    "check a system against the contract of the API" },
	{ NULL, NULL, NULL },
};

const struct help_audience help_audiences[] = {
	{ "clerk", "收發人員", "Clerks", clerk_topics },
	{ "operator", "維運人員", "Operators", operator_topics },
	{ "management", "管理層", "Management", management_topics },
	{ "tools", "工具", "Tools", tool_topics },
	{ NULL, NULL, NULL, NULL },
};

const struct help_audience *
help_audience_find(const char *name)
{
	for (size_t i = 0; help_audiences[i].name != NULL; i++)
		if (text_equal(help_audiences[i].name, name))
			return &help_audiences[i];
	return NULL;
}
