"""What the interface says, in Chinese and in English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """Every sentence of the interface in one language."""

    html_language: str
    title: str
    tagline: str
    limits: str
    ask: str
    stop: str
    placeholder: str
    conversations: str
    new_conversation: str
    delete_conversation: str
    clear_all: str
    other_language: str
    theme: str
    export: str
    begin: str
    you: str
    reply: str
    sources: str
    source: str
    working: str
    copy: str
    copy_markdown: str
    share: str
    copied: str
    good: str
    bad: str
    why: str
    send: str
    thanks: str
    failed: str
    refused: str
    nearest: str
    go_on: str
    instead: str
    document: str
    open_document: str
    back_to_answer: str
    back_to_chat: str
    print_document: str
    contents: str
    link_here: str
    answered_by: str
    no_document: str
    no_document_why: str
    no_page: str
    no_page_why: str
    bad_address: str
    bad_address_why: str
    strange_host: str
    strange_host_why: str
    not_now: str
    not_now_why: str
    read_instead: str
    ask_here: str


ZH = Texts(
    html_language="zh-CN",
    title="条问",
    tagline="问文件，得到附条款出处的答案。",
    limits="只回答文件写明的内容，逐字引用原文；文件没有写的，会直接说没有。答案不构成法律意见。",
    ask="提问",
    stop="停止",
    placeholder="请用自己的话提问",
    conversations="对话",
    new_conversation="新对话",
    delete_conversation="删除这段对话",
    clear_all="清空全部对话",
    other_language="English",
    theme="深色或浅色",
    export="导出",
    begin="可以从这些问题开始",
    you="你的问题",
    reply="回答",
    sources="出处",
    source="出处",
    working="正在查找条款…",
    copy="复制",
    copy_markdown="复制 Markdown",
    share="分享链接",
    copied="已复制",
    good="有帮助",
    bad="没有帮助",
    why="哪里不对？（选填）",
    send="提交",
    thanks="已记录，谢谢",
    failed="没有成功，请再试一次",
    refused="文件没有回答这个问题",
    nearest="最接近的条款",
    go_on="接着问",
    instead="可以这样问",
    document="文件",
    open_document="单独打开",
    back_to_answer="回到对话",
    back_to_chat="条问 · 提问",
    print_document="打印",
    contents="目录",
    link_here="本款链接",
    answered_by="由条问（{version}）依据文件原文回答",
    no_document="没有这份文件",
    no_document_why="地址里的文件编号不对，或者这份文件已经撤下。",
    no_page="没有这个页面",
    no_page_why="地址可能打错了，或者页面已经不在这里。",
    bad_address="这个地址不完整",
    bad_address_why="地址里有一处写得不对，请核对后再打开。",
    strange_host="这里不用这个主机名",
    strange_host_why="在本机上请把地址里的主机名换成 localhost；要用现在这个，"
    "请管理员把它写进 TIAOWEN_HOSTS 后重新启动。",
    not_now="现在打不开",
    not_now_why="请稍后再试。",
    read_instead="这里可以读的文件",
    ask_here="去提问",
)
EN = Texts(
    html_language="en",
    title="Tiaowen 条问",
    tagline="Ask the document, get the answer with the clause it stands in.",
    limits="Only what the document says, quoted in Chinese as it stands; what it does not say is "
    "said to be missing. Not legal advice.",
    ask="Ask",
    stop="Stop",
    placeholder="Ask in your own words",
    conversations="Conversations",
    new_conversation="New conversation",
    delete_conversation="Delete this conversation",
    clear_all="Delete all conversations",
    other_language="中文",
    theme="Dark or light",
    export="Export",
    begin="Questions to begin with",
    you="Your question",
    reply="Answer",
    sources="Sources",
    source="Source",
    working="Looking for the clause…",
    copy="Copy",
    copy_markdown="Copy Markdown",
    share="Share link",
    copied="Copied",
    good="Helpful",
    bad="Not helpful",
    why="What is wrong? (optional)",
    send="Send",
    thanks="Noted, thank you",
    failed="That did not work, please try again",
    refused="The document does not answer this",
    nearest="Nearest clauses",
    go_on="Go on with",
    instead="What can be asked here, for example",
    document="Document",
    open_document="Open on its own",
    back_to_answer="Back to the conversation",
    back_to_chat="Tiaowen · ask",
    print_document="Print",
    contents="Contents",
    link_here="Link to this paragraph",
    answered_by="Answered by Tiaowen {version} from the document's own text",
    no_document="There is no such document",
    no_document_why="The address names no document that is here, or it has been withdrawn.",
    no_page="There is no such page",
    no_page_why="The address may be mistyped, or the page is no longer here.",
    bad_address="This address is not complete",
    bad_address_why="Something in it is not right; please check it and open it again.",
    strange_host="This host name is not served here",
    strange_host_why="On this machine, write localhost in its place in the address; to use the "
    "present one, have it added to TIAOWEN_HOSTS and the server started again.",
    not_now="This cannot be opened now",
    not_now_why="Please try again later.",
    read_instead="Documents that can be read here",
    ask_here="Ask a question",
)
LANGUAGES = {"zh": ZH, "en": EN}
