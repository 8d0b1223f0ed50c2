"""What words of a sentence claim: 不得 or 可以, more or less, all or only, and by whom. Pure."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from index.tokens import fold

PARAPHRASE = Path(__file__).with_name("paraphrase.txt")

# Negation words, the bounds of figures and fixed words left out (不低于, 不断, 无形).
_COMMA = re.compile("[,，。；;：:!！?？]|、(?=不|严?禁|无|未)|可以|应当|必须")
_NO_NEGATION = re.compile(
    "(.)不\\1|不过|不[只光]|除(?!外[，,])(?=[^，。；]{1,40}[，,][^。；，,]{0,30}(?:还|也|另))"
    "|不[得能应可]?(?:低于|少于|小于|超过|高于|多于|晚于|断|同|仅|但|论|管|少(?!于)|动产|可抗[拒力])"
    "|不得(?:低于|少于|超过|高于)|无(?:形|论|偿|效|人(?=[驾机值化船车]))|非(?:常|洲)|未来|免费|减免|未尽|不良|能不能|可不可以|是不是"
    "|(?:不[到够足满]|未满|没[到满])(?=[^，。；,;]{0,12}[0-9一二三四五六七八九十百千])|[未没]到期|[任罢]免|治未病"
    "|不[得能可]?比[^，。；,;]{1,20}[低高少多长短晚早差]|(?:这项|该项|此项|享受)免[税费征]"
    "|是否|能否|可否|有没有|会不会|有所不为|不必要的|不会?(?:中断|间断)|没有必要的|(?<=[这该一项的])免责|不恰当|不正当|不合理|不特定|不含糊"
)
_NEGATION = re.compile(
    "不|(?<![罚收])没(?![收款])有?|无(?!锡)|未|禁止|严禁|免(?:除|予|于|征|去|交|缴)?|取消|停止|拒绝|避免|(?<![免消删清破排解扣废])除(?![夕尘])|勿|废止|豁免|失去|丧失"
)
_NEED = "(?<!确实)(?<![不有确])需要(?!时|的[，,])"
_MUST = re.compile(
    f"应当|应该|必须|务必|必需|一律|有义务|{_NEED}|须|责令|(?<![回响适效供反相对感顺照呼])应(?![用对急变届])"
)
_MAY = re.compile(
    "(?<!不)可以|(?<!不)允许|准许|有权|(?<![许认不])可(?=[\u4e00-\u9fff])(?!能)|能够|(?<![功职性技智效节产才动潜不可])能(?![力源量级效])"
)
_DUTY = re.compile(
    _MUST.pattern.replace(f"|{_NEED}", "")
    + "|(?<![需主重首必概摘纲简次提])要(?![素点件害塞求领闻旨])|不得|禁止|严禁|责令|处以"
    + "|处(?=[0-9一二三])"
)
_OPEN = re.compile(_MAY.pattern + "|鼓励|支持|倡导|探索|争取")
_RECEIVES = re.compile(
    "(?:可以|可|能够?)[^，。]*(?:得到|享受|获得|领取)|(?:可以|可|能够?)[^，。]{0,4}(?:申请|要求|使用|办理|返回|参加|利用)"
)
_FORCE = re.compile("强制|强迫|强令|硬性")
_HARD = re.compile("必须|务必|必需|一定要")
_ONLY = re.compile("仅|只(?=[有能限适对可给在])|唯一|专门")
_ONLY_OF_SOURCE = re.compile("仅|只|唯一|专门|限|方可|才能")
_ALL = re.compile(
    "全部|所有(?=[\u4e00-\u9fff])|一切|任何|一律|凡(?![^，。]*[的者])|全体|全额|完全|每一?[名个位家]|任意"
)
_ALL_OF_SOURCE = re.compile("全部|所有|一切|任何|一律|凡|均|都|各|全体|全面|每|统一|全额|全")
_SUPPOSES = re.compile("如果|只要|前提|条件是|[的时后][，,]$")
_DONE = re.compile("已经|业已|早已|已(?=[\u4e00-\u9fff])|正式")
# What one pays, gets or loses is never a matter of phrasing.
_STAKES = re.compile(
    "罚款|罚金|拘留|吊销|没收|刑事|赔偿|补偿|补贴|奖励|奖金|免费|免征|无偿|退还|追回|永久|终身|自动"
)
# Of each pair a sentence may not say the one where its source says the other.
_OPPOSITES = tuple(
    tuple(re.compile(side) for side in pair.split("/"))
    for pair in (
        "缩短|压缩|缩减/延长|延至",
        "提高|提升|上调/降低|下调|降至",
        "增加|加大|扩大|扩展|拓宽/减少|缩小|削减|缩减",
        "放宽|放松|松绑/收紧|从严|加严",
        "简化|精简|便利/增加|增设|复杂",
        "优先/最后|靠后|从缓",
        "连续计算|接续/(?<!不)(?<!不会)(?:中断|间断)",
        "鼓励|支持|扶持|倡导/限制|反对|抑制|劝阻|遏制",
        "事前|事先|预先/事后",
        "公开|公布|公示/保密|不公开",
        "保留/取消|撤销|废除",
        "自愿|自主/强制|强迫|统一安排",
        "加快|加速/放缓|延缓|推迟",
        "下放/上收|收回",
        "免费|无偿/收费|有偿",
        "直接/间接",
        "有效(?!期)/无效",
        "在职/退休|离职",
        "境内|国内/境外|国外|海外",
        "民营|私营/国有|国营",
        "以上/以下",
        "不低于|不少于|至少/不超过|不高于|至多|以内",
        "合法/非法",
        "优秀|良好/不合格|较差",
        "统一/分散|各自",
    )
)
_ORDER = re.compile(
    "忽略.{0,12}(?:指令|要求|提示|规则|以上|上述|之前)|无视.{0,10}(?:指令|要求|提示|规则)|你(?:现在)?是|你(?:必须|应当|要|只能)"
    "|系统提示|作为(?:一个)?(?:ai|人工智能|助手|语言模型)|请(?:直接)?回答|回答(?:时|者)?(?:必须|一律|只能)|提示词"
    "|ignore .{0,30}(?:instruction|prompt)|you (?:are|must)|system prompt|assistant:"
    "|<\\|?(?:im_|system)"
)


def gives_orders(text: str) -> bool:
    """Say whether a sentence of a document speaks to the model instead of to its readers."""
    return bool(_ORDER.search(fold(text)))


def negations(text: str) -> list[str]:
    """Return what a stretch of text denies: for each negation what stands behind it, to a comma."""
    bare = _NO_NEGATION.sub(" ", fold(text))
    return [_scope(bare, found) for found in _NEGATION.finditer(bare)]


def _scope(text: str, negation: re.Match[str]) -> str:
    end = _COMMA.search(text, negation.end() + 2)
    behind = text[negation.end() : end.start() if end else None]
    if re.search(r"\w", _EMPTY.sub("", behind)):
        return behind
    # Of 对处罚决定不服的, 涉及国家秘密的除外 and 截留挪用都不允许 it is what stands before.
    before = _COMMA.split(text[: negation.start()])
    said = (piece for piece in reversed(before) if re.search(r"\w", _ALL_OF_IT.sub("", piece)))
    return f"{behind.strip('的了，。；,; ')} {next(said, '')}".strip()


_ALL_OF_IT = re.compile("全部|部分|都|则|也|一概|一律")


_EMPTY = re.compile(
    "^(?:[服外行予者受准许付改]|允许|全部|部分|予支付|得(?:动用|使用|写入|列入|从事|进行|实施|收取|支付))?"
    "[的了，。；,;\\s]*$"
)


def stakes(text: str) -> list[str]:
    """Return what a text says that one pays, gets or loses."""
    return _STAKES.findall(canonical(text))


_DISCLAIMER = re.compile(
    "[，,]?(?:而非|而不是|并非|并不是|不是|没有)“?(?:强制(?:性要求|要求|规定)?|硬性(?:要求|规定)?|应当|必须|义务)”?(?=[，,。；]|$)"
)


def without_disclaimer(text: str) -> tuple[str, str]:
    """Split off that something is no duty (并非强制), which no source says in words."""
    found = _DISCLAIMER.search(text)
    return _DISCLAIMER.sub("", text), found[0].strip("，,") if found else ""


def must(text: str) -> bool:
    """Say whether a text lays down a duty."""
    return bool(_MUST.search(fold(text)))


def may(text: str) -> bool:
    """Say whether a text permits."""
    return bool(_MAY.search(fold(text)))


def claims_more(sentence: str, beside: Sequence[str], source: str) -> str:
    """Say by which word a part of a sentence claims more than its source; else nothing.

    Args:
        sentence: The part.
        beside: The stretches of the source that it may render, nearest first.
        source: The whole sentence of the source, with its context.
    """
    said, near, stated = fold(sentence), fold(beside[0]), fold(source)
    stated_duty = _DUTY.search(near) or (not _MAY.search(near) and _DUTY.search(stated))
    if must(said) and _OPEN.search(near) and not stated_duty:
        return "应当"
    weaker = _MAY.search(said) and not must(said) and not _RECEIVES.search(said)
    if weaker and (_is_duty(near) or (_is_duty(stated) and not _MAY.search(near))):
        return "可以"
    pairs = (
        (_ONLY, _ONLY_OF_SOURCE),
        (_ALL, _ALL_OF_SOURCE),
        (_DONE, _DONE),
        (_HARD, _DUTY),
        (_FORCE, _FORCE),
    )
    for own, allowed in pairs:
        if own is _DONE and _SUPPOSES.search(said):
            continue
        if own is _ALL and negations(said):  # 任何人不得 says no more than 不得
            continue
        if (found := own.search(said)) and not allowed.search(stated):
            return found[0]
    return _contradicted(said, (*map(fold, beside), stated))


def _contradicted(said: str, sources: Sequence[str]) -> str:
    """Return what changes the sense of a source: a stake it does not name, or its opposite."""
    plain = canonical(sources[-1])
    for stake in _STAKES.findall(canonical(said)):
        if stake not in plain:
            return str(stake)
    for one, other in _OPPOSITES:
        for here, there in ((one, other), (other, one)):
            found = here.search(said)
            for there_is in sources:
                if found and there.search(there_is) and not here.search(there_is):
                    return found[0]
    return ""


def _is_duty(text: str) -> bool:
    return must(text) and not _MAY.search(text)


GLUE = re.compile(
    "得到|使得|没有|尚未|并未|未(?![来成])|仍然?|既|(?:[依据按见]|依照)(?= |$)|"
    "最多|最高|最长|最低|最少|至少|至多|不超过|不得超过|不低于|不得低于|不少于|不得少于|不高于|以上|以下|以内"
    "|根据|依据|按照|予以|给予|原来|依照|规定|文件|条例|意见|本法|明确|提出|指出|要求|说明|写明|原文|条款|该条|本条|此条"
    "|也就是说|换句话说|具体来说|具体而言|简单来说|一般|通常|例如|比如|具体|分别|其中|同时|此外|另外|并且|而且|以及|对于|关于|针对|至于|涉及"
    "|如果|只要|凡是|的话|情况下|情形|这样|这些|那些|这个|那个|这|那|该|此|上述|前述|所述|相关|有关|方面|事项|工作|内容|措施|政策"
    "|可以|应当|应该|必须|需要|能够|将会|(?<![社协商学工])会|(?<![功职性技智效节产才动潜])能|(?<!许)可|须|(?<![回响适效供反相对感顺照呼])应|要|(?<![取获所])得|将|已|正在|(?<!改)正|拟"
    "|目前|今后|届时|之后|之前|以后|以前|期间|当中|之中|过程中|时候|是否|即可|即|就是"
    "|它们|他们|她们|大家|人人|任何人?|所有|全部|哪些|什么|怎么|如何|怎样|这里|那里|这类|此类|其他|其|自己|本人|您|你|我|谁|人们|各类|各种|多种|一些|一定|一个|一种|一项|一批|一名|某些"
    "|包括|包含|含|分为|共有|共|有|(?<!行)为|是|在|由|对|向|从|以|(?<![使利适费采聘任占专信公])用(?![途地户电水])|把|被|给|让|使(?!用)|使得|得到|与|和|或者|或|及|等|至|到|于|自|按|比|跟|同"
    "|的|地|了|着|过|吗|呢|都|均|也|还|再|又|则|若|如|但|而|且|并|因|因此|所以|由于|虽|却|只|仅|就|才|便|主要|进一步|继续|不断|一并|相应|以便|从而|方式|方法|通过|作为|属于|成为|进行|加以|实现|时|后|前|中|里|内|外|间|者|之|所|个|项|类|种"
)


def canonical(text: str, keep: str = "") -> str:
    """Fold a text and put one word for those that policy texts use alike (大学, 高校).

    Args:
        text: Any text.
        keep: What stands for white space: nothing unless given.
    """
    pattern, to = _synonyms()
    return pattern.sub(lambda match: to[match[0]], keep.join(fold(text).split()))


@lru_cache(maxsize=1)
def _synonyms() -> tuple[re.Pattern[str], dict[str, str]]:
    to: dict[str, str] = {}
    for line in PARAPHRASE.read_text(encoding="utf-8").splitlines():
        words = line.split()
        first = to.get(words[0], words[0])
        to |= {word: first for word in words[1:] if word not in to}
    longest = sorted({*to, *to.values()}, key=len, reverse=True)
    to |= {word: word for word in longest if word not in to}
    return re.compile("|".join(map(re.escape, longest))), to
