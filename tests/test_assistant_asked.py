"""The kinds of answer a question can want."""

import pytest

from assistant.asked import Asked, bounds, expected, facts, kind_of, needs_value


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("咨询电话是多少？", Asked.CONTACT),
        ("申请的网址是什么", Asked.CONTACT),
        ("What is the phone number?", Asked.CONTACT),
        ("补贴有多少钱？", Asked.AMOUNT),
        ("最高奖励多少万元？", Asked.AMOUNT),
        ("How much money is granted?", Asked.AMOUNT),
        ("减按百分之几征收？", Asked.PERCENTAGE),
        ("收益比例不低于多少？", Asked.PERCENTAGE),
        ("What percentage goes to the team?", Asked.PERCENTAGE),
        ("居住证最长几年？", Asked.DURATION),
        ("有效期限多久", Asked.DURATION),
        ("How long is it valid?", Asked.DURATION),
        ("什么时候建成？", Asked.DATE),
        ("到哪一年形成基本框架？", Asked.DATE),
        ("When will the framework be ready?", Asked.DATE),
        ("由谁挂帅？", Asked.WHO),
        ("哪个部门负责", Asked.WHO),
        ("Who leads the group?", Asked.WHO),
        ("有哪些措施？", Asked.LIST),
        ("列举重点领域", Asked.LIST),
        ("What are the measures?", Asked.LIST),
        ("要建几个平台？", Asked.COUNT),
        ("How many platforms are planned?", Asked.COUNT),
        ("中心建在哪里？", Asked.WHERE),
        ("Where is the centre?", Asked.WHERE),
        ("科研人员可以兼职吗？", Asked.YES_NO),
        ("能不能离岗创业", Asked.YES_NO),
        ("Can researchers have a second job?", Asked.YES_NO),
        ("怎么申请？", Asked.HOW),
        ("How do I apply?", Asked.HOW),
        ("奋斗目标", Asked.OTHER),
        ("罚多少？", Asked.AMOUNT),
        ("逾期不改会罚款多少", Asked.AMOUNT),
        ("设置后多少日内报送？", Asked.DURATION),
        ("电话换了，多少天之内得去报一声", Asked.DURATION),
        ("比重到了多少？", Asked.PERCENTAGE),
        ("按照规定的比例用于什么", Asked.OTHER),
        ("几号窗口办？", Asked.ADDRESS),
        ("办理地址在哪？", Asked.ADDRESS),
        ("同一个地址能注册两家公司吗", Asked.YES_NO),
        ("五个坚持是哪五个", Asked.LIST),
        ("几家公司能挂同一个注册地址吗？", Asked.YES_NO),
        ("研发投入占生产总值多少？", Asked.PERCENTAGE),
        ("想查它欠了多少钱，上哪儿看", Asked.WHERE),
        ("告赢了能让他多赔几倍长长记性不？", Asked.YES_NO),
        ("路上耽误了，要赔多少钱", Asked.AMOUNT),
        ("早上几点开门？", Asked.TIME),
        ("提供自助餐的应当做到哪几点？", Asked.LIST),
        ("组长叫什么名字？", Asked.NAME),
        ("从好几个衙门领补助，管不管", Asked.YES_NO),
        ("什么叫众创空间", Asked.MEANING),
        ("上海房价多少", Asked.AMOUNT),
        ("门票的价格是多少？", Asked.AMOUNT),
        ("平均年薪多少", Asked.AMOUNT),
        ("上海人口多少", Asked.COUNT),
        ("覆盖率要达到多少呢？", Asked.COUNT),
        ("", Asked.OTHER),
    ],
)
def test_kind_of(question: str, asked: Asked) -> None:
    assert kind_of(question) is asked


def test_width_and_script_do_not_matter() -> None:
    assert kind_of("居住證最長幾年？") is Asked.DURATION
    assert kind_of("ＨＯＷ ＬＯＮＧ") is Asked.DURATION


@pytest.mark.parametrize(
    ("asked", "yes", "no"),
    [
        (Asked.AMOUNT, "奖励100万元", "给予奖励"),
        (Asked.PERCENTAGE, "不低于70％", "不低于七十"),
        (Asked.PERCENTAGE, "减按15%", "减按税率"),
        (Asked.DURATION, "最高到10年", "延长有效期限"),
        (Asked.DURATION, "3至5年内", "若干时间"),
        (Asked.DATE, "2020年前", "尽快"),
        (Asked.CONTACT, "电话021-12345678", "电话"),
        (Asked.AMOUNT, "不低于营业利润的百分之十", "从营业利润中提取"),
        (Asked.DURATION, "每年发布", "发布"),
        (Asked.TIME, "每日七时至九时", "每日"),
        (Asked.ADDRESS, "人民路200号", "住所"),
        (Asked.NAME, "由王小明同志负责", "由主要领导负责"),
        (Asked.COUNT, "22条", "若干"),
    ],
)
def test_what_an_answer_must_look_like(asked: Asked, yes: str, no: str) -> None:
    pattern = expected(asked, "")
    assert pattern
    assert pattern.search(yes)
    assert not pattern.search(no)


def test_a_value_of_any_kind_answers_who_names_none() -> None:
    pattern = expected(Asked.COUNT, "覆盖率要达到多少？")
    assert pattern
    for value in ("达到90%", "百分之九十", "五十万元", "三十年", "两次"):
        assert pattern.search(value), value
    for none in ("培育一批人才", "建立一种机制", "实行一门式受理", "若干国际一流学科"):
        assert not pattern.search(none), none


def test_a_count_wants_its_own_unit() -> None:
    pattern = expected(Asked.COUNT, "一共多少分？")
    assert pattern
    assert pattern.search("满分120分")
    assert not pattern.search("共22条")
    people = expected(Asked.COUNT, "该有几个人？")
    assert people
    assert people.search("不得少于两人")


@pytest.mark.parametrize("asked", [Asked.WHO, Asked.YES_NO, Asked.HOW, Asked.OTHER])
def test_any_sentence_may_answer_the_rest(asked: Asked) -> None:
    assert expected(asked, "是否可以") is None
    assert not needs_value(asked)


@pytest.mark.parametrize("asked", [Asked.AMOUNT, Asked.PERCENTAGE, Asked.CONTACT, Asked.COUNT])
def test_only_a_value_answers(asked: Asked) -> None:
    assert needs_value(asked)


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("有效期最长几年？", "延长有效期限最高到10年。", ["10年"]),
        ("有效期几年？", "优先办理2至5年有效期的外国专家证。", ["2至5年"]),
        ("团队所得不低于多少？收益比例呢", "收益归属团队所得不低于70%。", ["70%"]),
        ("最高奖励多少钱？", "一等奖100万元，二等奖50万元。", ["100万元", "50万元"]),
        ("什么时候建成？", "到2020年，形成框架；到2030年，建成。", ["2020年", "2030年"]),
        ("咨询电话是多少？", "电话021-12345678。", ["021-12345678"]),
        ("咨询电话是多少？", "咨询电话：021-12345678转8001。", ["021-12345678"]),
        ("咨询电话是多少？", "拨打热线12345。", ["12345"]),
        ("申请的网址是什么", "登录https://www.sh.gov.cn/x办理。", ["https://www.sh.gov.cn/x"]),
        ("电子邮箱是多少", "发至a.b@sh.gov.cn。", ["a.b@sh.gov.cn"]),
        ("补贴有多少钱？", "给予1,000.5万元补贴。", ["1,000.5万元"]),
        ("收益比例不低于多少？", "提取百分之九十，三分之一留用。", ["百分之九十", "三分之一"]),
        ("什么时候截止？", "2020年12月31日前提交。", ["2020年12月31日前"]),
        ("组长叫什么名字？", "由王小明同志负责。", ["王小明同志"]),
        ("早上几点开门？", "上午7:30至九时。", ["7:30", "九时"]),
        ("办理地址在哪？", "在人民路200号办理。", ["人民路200号"]),
        ("要建几个平台？", "建设3个平台，占地1.5万平方米。", ["3个"]),
        ("有效期最长几年？", "有效期限另行规定。", []),
        ("有效期最长几年？", "", []),
        ("科研人员可以兼职吗？", "科研人员可以兼职3年。", []),
        ("有哪些措施？", "延长到10年。", []),
        ("由谁负责？", "由市科委在10日内办理。", []),
        ("最多多少钱", "每天不超过五百元。", ["五百元"]),
        ("罚多少？", "处三万五千元以上五万元以下罚款。", ["三万五千元", "五万元"]),
        ("罚多少？", "罚款一千零五十元。", ["一千零五十元"]),
        (
            "补贴有多少钱？",
            "补贴一点五万元，另给三万余元、五百美元。",
            ["一点五万元", "三万余元", "五百美元"],
        ),
        (
            "收益比例不低于多少？",
            "百分之零点五，千分之五，五个百分点。",
            ["百分之零点五", "千分之五", "五个百分点"],
        ),
        ("产假多少天", "休假一百零五日。", ["一百零五日"]),
        (
            "要等多久？",
            "三十个自然日，两个半月，三十分钟。",
            ["三十个自然日", "两个半月", "三十分钟"],
        ),
        ("什么时候截止？", "二〇二四年三月一日前提交。", ["二〇二四年三月一日前"]),
        ("早上几点开门？", "上午九点半至十七时三十分。", ["九点半", "十七时三十分"]),
        ("安置多少户？", "安置三十户。", ["三十户"]),
        ("覆盖率达到多少？", "覆盖率达到90%以上。", ["90%"]),
    ],
)
def test_the_facts_that_a_question_asks_for(question: str, sentence: str, found: list[str]) -> None:
    spans = facts(question, sentence)
    assert [span.of(sentence) for span in spans] == found
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("question", "sentence", "yes"),
    [
        ("有效期最长几年？", "有效期限最高延至10年。", True),
        ("最多能补多少钱", "每家企业不超过五十万元。", True),
        ("至少要干满几年", "服务期不少于五年。", True),
        ("What is the maximum term?", "期限最长为五年。", True),
        ("至少要干满几年", "补贴不超过五万元。", False),
        ("有效期最长几年？", "签发2至5年有效期的居留许可。", False),
        ("有效期几年？", "有效期限最高延至10年。", False),
    ],
)
def test_a_bound_answers_who_asks_for_one(question: str, sentence: str, *, yes: bool) -> None:
    assert bounds(question, sentence) is yes


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (Asked.AMOUNT, "停车位月租600块"),
        (Asked.AMOUNT, "每月￥600"),
        (Asked.AMOUNT, "可原值转让"),
        (Asked.AMOUNT, "费用由公司承担一半"),
        (Asked.CONTACT, "网络不通，打6688"),
        (Asked.CONTACT, "请联系王芳，分机8021"),
        (Asked.DATE, "周五下午四点以前装箱"),
        (Asked.DATE, "六月底举行"),
        (Asked.DATE, "6月17号开始"),
    ],
)
def test_values_as_people_write_them_in_notes(asked: Asked, sentence: str) -> None:
    pattern = expected(asked, "")
    assert pattern
    assert pattern.search(sentence)
