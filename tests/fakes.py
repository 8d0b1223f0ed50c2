"""Small stand-ins, computable by hand."""

from collections.abc import Sequence

from index.encode import HashEncoder, Vectors

POLICY_TEXT = """为加快建设创新中心，提出如下意见。
一、总体要求
必须坚持需求导向和产业化方向。
（一）奋斗目标。到2020年，形成创新中心基本框架。
（二）总体要求。深化改革，破除体制障碍。
二、改革体制机制
（三）推进政府管理创新。政府部门不再直接管理具体项目。
（四）改革财政科技资金管理。建立统一的信息平台。
三、建设人才高地
建立更加灵活的人才管理制度。
（五）引进海外人才。居住证（B证）有效期限最高延长到10年。
（六）优化收入分配。收益归属团队所得不低于70%。
1.科研人员可以兼职。
2.职务发明应当奖励。
"""

LAW_TEXT = """中华人民共和国示范法
第一编 通则
第一章 总则
第一条 为了示范，制定本法。
第二条 本法适用于一切示范活动。
示范活动应当公开。
第二章 示范
第三条 示范人应当具备下列条件：
（一）有自己的名称；
（二）有固定的场所；
（三）有必要的经费。
经费不足的，可以申请补助。
第三条之一 示范人不得收费。
违反前款规定的，退还所收费用。
第二编 责任
第一章 处罚
第四条 违反本法的，处一万元以下罚款。
"""


class CountingEncoder(HashEncoder):
    """A ``HashEncoder`` that remembers the passages' texts it was given."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.encoded: list[str] = []

    def encode_document(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        return super().encode_document(texts)

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        return super().encode_document(texts)
