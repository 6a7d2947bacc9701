<?xml version="1.0" encoding="UTF-8"?>
<!--
  The reading view of an official document: the tree that
  src/render/render_tree.h describes becomes one HTML page without scripts.
  Every text of a document passes through value-of, which escapes it; nothing
  of a document becomes an element, a style, a link or an id.

  POLICY and STYLE are put in by scripts/embed-xsl.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="no"/>
<xsl:strip-space elements="*"/>

<xsl:template match="/letter">
  <html lang="zh-Hant-TW">
    <head>
      <meta http-equiv="Content-Security-Policy" content="{$policy}"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light"/>
      <meta name="robots" content="noindex"/>
      <meta name="referrer" content="no-referrer"/>
      <title><xsl:call-template name="title"/><xsl:text> </xsl:text><xsl:value-of select="reference"/></title>
      <style><xsl:value-of select="$style"/></style>
    </head>
    <body>
      <main>
        <xsl:apply-templates select="copy[@received]"/>
        <xsl:if test="@kind = 'alone'"><h1><xsl:value-of select="@title"/></h1></xsl:if>
        <xsl:apply-templates select="message"/>
        <xsl:if test="not(@kind = 'alone')">
          <xsl:call-template name="head"/>
          <xsl:call-template name="facts"/>
          <div class="main">
            <xsl:call-template name="subject"/>
            <xsl:apply-templates select="section"/>
            <xsl:call-template name="gathering"/>
          </div>
          <xsl:call-template name="readers"/>
          <xsl:apply-templates select="superiors"/>
          <xsl:call-template name="signatures"/>
          <xsl:call-template name="files"/>
        </xsl:if>
        <xsl:apply-templates select="roster"/>
      </main>
    </body>
  </html>
</xsl:template>

<xsl:variable name="policy">POLICY</xsl:variable>
<xsl:variable name="style">STYLE</xsl:variable>

<!-- 機關全銜 and 文別; a 簽 is 於 where it is written. -->
<xsl:template name="title">
  <xsl:choose>
    <xsl:when test="@kind = 'memo'">
      <xsl:value-of select="@title"/>
      <xsl:text>　於　</xsl:text>
      <xsl:value-of select="unit"/>
      <xsl:if test="not(unit)"><xsl:value-of select="sender"/></xsl:if>
    </xsl:when>
    <xsl:otherwise><xsl:call-template name="senders"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template name="senders">
  <xsl:for-each select="sender">
    <xsl:if test="position() &gt; 1">、</xsl:if>
    <xsl:value-of select="."/>
  </xsl:for-each>
  <xsl:if test="sender">　</xsl:if>
  <xsl:value-of select="@title"/>
</xsl:template>

<!-- ==== above the letter ============================================== -->

<xsl:template match="copy">
  <section class="received" aria-label="收文資訊">
    <ul>
      <li><strong>電子公文</strong></li>
      <xsl:if test="@number"><li>收文號：<xsl:value-of select="@number"/></li></xsl:if>
      <xsl:if test="@received-at"><li>收文時間：<xsl:value-of select="@received-at"/></li></xsl:if>
    </ul>
  </section>
</xsl:template>

<xsl:template match="message">
  <section class="message" aria-label="文書訊息">
    <p>文書訊息：<xsl:value-of select="@name"/></p>
    <xsl:if test="string(.)"><p class="text"><xsl:value-of select="."/></p></xsl:if>
  </section>
</xsl:template>

<xsl:template name="head">
  <header>
    <div class="marks">
      <div>
        <xsl:if test="copy/@stamp"><p class="stamp"><xsl:value-of select="copy/@stamp"/></p></xsl:if>
        <xsl:if test="copy/@mark"><p class="copy"><xsl:value-of select="copy/@mark"/></p></xsl:if>
        <xsl:if test="copy/@dispatch"><p class="dispatch">發文方式：<xsl:value-of select="copy/@dispatch"/></p></xsl:if>
      </div>
      <dl class="facts file">
        <xsl:call-template name="fact">
          <xsl:with-param name="label">檔　　號：</xsl:with-param>
          <xsl:with-param name="value" select="copy/@archive"/>
        </xsl:call-template>
        <xsl:call-template name="fact">
          <xsl:with-param name="label">保存年限：</xsl:with-param>
          <xsl:with-param name="value" select="copy/@retention"/>
        </xsl:call-template>
      </dl>
    </div>
    <h1><xsl:call-template name="title"/></h1>
    <xsl:if test="address or contact">
      <address>
        <xsl:if test="address"><p>地址：<xsl:value-of select="address"/></p></xsl:if>
        <xsl:for-each select="contact"><p><xsl:value-of select="."/></p></xsl:for-each>
      </address>
    </xsl:if>
  </header>
</xsl:template>

<!-- ==== 受文者 to 附件 ================================================ -->

<xsl:template name="fact">
  <xsl:param name="label"/>
  <xsl:param name="value"/>
  <div><dt><xsl:value-of select="$label"/></dt><dd class="text"><xsl:value-of select="$value"/></dd></div>
</xsl:template>

<xsl:template name="facts">
  <xsl:if test="addressee">
    <dl class="facts addressee">
      <xsl:call-template name="fact">
        <xsl:with-param name="label">受文者：</xsl:with-param>
        <xsl:with-param name="value" select="addressee"/>
      </xsl:call-template>
    </dl>
  </xsl:if>
  <dl class="facts">
    <xsl:if test="not(@kind = 'memo')">
      <xsl:call-template name="fact">
        <xsl:with-param name="label">發文日期：</xsl:with-param>
        <xsl:with-param name="value" select="issued"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:for-each select="reference">
      <xsl:call-template name="fact">
        <xsl:with-param name="label"><xsl:choose>
          <xsl:when test="/letter/@kind = 'memo'">文號：</xsl:when>
          <xsl:otherwise>發文字號：</xsl:otherwise>
        </xsl:choose></xsl:with-param>
        <xsl:with-param name="value" select="."/>
      </xsl:call-template>
    </xsl:for-each>
    <xsl:call-template name="fact">
      <xsl:with-param name="label">速別：</xsl:with-param>
      <xsl:with-param name="value" select="@speed"/>
    </xsl:call-template>
    <xsl:call-template name="fact">
      <xsl:with-param name="label">密等及解密條件或保密期限：</xsl:with-param>
      <xsl:with-param name="value"><xsl:value-of select="secrecy"/>
        <xsl:if test="secrecy and declassify">　</xsl:if>
        <xsl:value-of select="declassify"/></xsl:with-param>
    </xsl:call-template>
    <xsl:call-template name="fact">
      <xsl:with-param name="label">附件：</xsl:with-param>
      <xsl:with-param name="value" select="attachment-note"/>
    </xsl:call-template>
    <xsl:if test="handling">
      <xsl:call-template name="fact">
        <xsl:with-param name="label">擬辦方式：</xsl:with-param>
        <xsl:with-param name="value" select="handling"/>
      </xsl:call-template>
    </xsl:if>
  </dl>
</xsl:template>

<!-- ==== 主旨 and 段落 ================================================= -->

<xsl:template name="part">
  <xsl:param name="label"/>
  <xsl:param name="text"/>
  <xsl:if test="string($text)">
    <section class="part">
      <h2><xsl:value-of select="$label"/></h2>
      <p class="text"><xsl:value-of select="$text"/></p>
    </section>
  </xsl:if>
</xsl:template>

<xsl:template name="subject">
  <xsl:call-template name="part">
    <xsl:with-param name="label"><xsl:choose>
      <xsl:when test="@kind = 'meeting'">開會事由：</xsl:when>
      <xsl:when test="@kind = 'survey'">會勘事由：</xsl:when>
      <xsl:otherwise>主旨：</xsl:otherwise>
    </xsl:choose></xsl:with-param>
    <xsl:with-param name="text" select="subject"/>
  </xsl:call-template>
</xsl:template>

<xsl:template match="section">
  <section>
    <xsl:attribute name="class">part<xsl:if
      test="not(text) or not(@label)"> bare</xsl:if></xsl:attribute>
    <xsl:if test="@label"><h2><xsl:value-of select="@label"/></h2></xsl:if>
    <xsl:if test="text"><p class="text"><xsl:value-of select="text"/></p></xsl:if>
    <xsl:call-template name="items"/>
  </section>
</xsl:template>

<xsl:template name="items">
  <xsl:if test="item">
    <ol>
      <xsl:for-each select="item">
        <li class="item">
          <span><xsl:value-of select="@number"/></span>
          <div>
            <xsl:if test="text"><p class="text"><xsl:value-of select="text"/></p></xsl:if>
            <xsl:call-template name="items"/>
          </div>
        </li>
      </xsl:for-each>
    </ol>
  </xsl:if>
</xsl:template>

<!-- ==== 開會通知單, 會勘通知單 ======================================== -->

<xsl:template name="person">
  <xsl:value-of select="@name"/>
  <xsl:value-of select="@title"/>
  <xsl:if test="@phone"><xsl:text>　</xsl:text><xsl:value-of select="@phone"/></xsl:if>
</xsl:template>

<xsl:template name="gathering">
  <xsl:variable name="what"><xsl:choose>
    <xsl:when test="@kind = 'survey'">會勘</xsl:when>
    <xsl:otherwise>開會</xsl:otherwise>
  </xsl:choose></xsl:variable>
  <xsl:call-template name="part">
    <xsl:with-param name="label" select="concat($what, '時間：')"/>
    <xsl:with-param name="text"><xsl:for-each select="time">
      <xsl:if test="position() &gt; 1"><xsl:text>&#10;</xsl:text></xsl:if>
      <xsl:value-of select="@date"/>
      <xsl:if test="@weekday">（<xsl:value-of select="@weekday"/>）</xsl:if>
      <xsl:value-of select="@clock"/>
    </xsl:for-each></xsl:with-param>
  </xsl:call-template>
  <xsl:call-template name="part">
    <xsl:with-param name="label" select="concat($what, '地點：')"/>
    <xsl:with-param name="text" select="venue"/>
  </xsl:call-template>
  <xsl:call-template name="part">
    <xsl:with-param name="label">主持人：</xsl:with-param>
    <xsl:with-param name="text"><xsl:for-each select="chair">
      <xsl:if test="position() &gt; 1">、</xsl:if>
      <xsl:call-template name="person"/>
    </xsl:for-each></xsl:with-param>
  </xsl:call-template>
  <xsl:call-template name="part">
    <xsl:with-param name="label">聯絡人及電話：</xsl:with-param>
    <xsl:with-param name="text"><xsl:for-each select="caller">
      <xsl:if test="position() &gt; 1"><xsl:text>&#10;</xsl:text></xsl:if>
      <xsl:call-template name="person"/>
    </xsl:for-each></xsl:with-param>
  </xsl:call-template>
  <xsl:call-template name="part">
    <xsl:with-param name="label">出席者：</xsl:with-param>
    <xsl:with-param name="text"><xsl:apply-templates select="attendees"/></xsl:with-param>
  </xsl:call-template>
  <xsl:call-template name="part">
    <xsl:with-param name="label">列席者：</xsl:with-param>
    <xsl:with-param name="text"><xsl:apply-templates select="observers"/></xsl:with-param>
  </xsl:call-template>
  <xsl:if test="remarks">
    <section class="part bare">
      <h2>備註：</h2>
      <xsl:if test="remarks/@label"><p class="text"><xsl:value-of select="remarks/@label"/></p></xsl:if>
      <xsl:if test="remarks/text"><p class="text"><xsl:value-of select="remarks/text"/></p></xsl:if>
      <xsl:for-each select="remarks"><xsl:call-template name="items"/></xsl:for-each>
    </section>
  </xsl:if>
</xsl:template>

<!-- ==== who gets it, who signed ======================================= -->

<xsl:template match="originals | copies | attendees | observers">
  <xsl:for-each select="reader">
    <xsl:if test="position() &gt; 1">、</xsl:if>
    <xsl:value-of select="@name"/>
    <xsl:value-of select="@title"/>
    <xsl:if test="@attachments">（含附件）</xsl:if>
  </xsl:for-each>
</xsl:template>

<xsl:template name="readers">
  <xsl:if test="originals or copies">
    <dl class="facts readers">
      <xsl:if test="originals">
        <xsl:call-template name="fact">
          <xsl:with-param name="label">正本：</xsl:with-param>
          <xsl:with-param name="value"><xsl:apply-templates select="originals"/></xsl:with-param>
        </xsl:call-template>
      </xsl:if>
      <xsl:if test="copies">
        <xsl:call-template name="fact">
          <xsl:with-param name="label">副本：</xsl:with-param>
          <xsl:with-param name="value"><xsl:apply-templates select="copies"/></xsl:with-param>
        </xsl:call-template>
      </xsl:if>
    </dl>
  </xsl:if>
</xsl:template>

<xsl:template match="superiors">
  <section class="part bare">
    <h2>敬陳</h2>
    <p class="text"><xsl:for-each select="person">
      <xsl:if test="position() &gt; 1"><xsl:text>&#10;</xsl:text></xsl:if>
      <xsl:value-of select="@title"/>
      <xsl:value-of select="@name"/>
    </xsl:for-each></p>
  </section>
</xsl:template>

<xsl:template name="signatures">
  <xsl:if test="signature or signed">
    <div class="signatures">
      <xsl:for-each select="signature"><p class="text"><xsl:value-of select="."/></p></xsl:for-each>
      <xsl:if test="signed"><p><xsl:value-of select="signed"/></p></xsl:if>
    </div>
  </xsl:if>
</xsl:template>

<!-- ==== what goes with it ============================================= -->

<xsl:template name="files">
  <xsl:if test="attachment">
    <section class="files" aria-labelledby="files">
      <h2 id="files">附件檔案（<xsl:value-of select="count(attachment)"/>）</h2>
      <ul>
        <xsl:for-each select="attachment"><li><bdi><xsl:value-of select="."/></bdi></li></xsl:for-each>
      </ul>
    </section>
  </xsl:if>
</xsl:template>

<xsl:template match="roster">
  <section class="roster" aria-label="交換表單 {@file}">
    <h2>交換表單：<bdi><xsl:value-of select="@file"/></bdi></h2>
    <div class="scroll" tabindex="0" role="group" aria-label="受文者清單">
      <table>
        <thead><tr><th scope="col">受文者</th><th scope="col">代碼</th><th scope="col">本別</th><th scope="col">附件</th></tr></thead>
        <tbody>
          <xsl:for-each select="entry">
            <tr>
              <th scope="row"><xsl:value-of select="@name"/></th>
              <td><xsl:value-of select="@code"/></td>
              <td><xsl:value-of select="@copy"/></td>
              <td><xsl:choose><xsl:when test="@attachments">含附件</xsl:when><xsl:otherwise>不含附件</xsl:otherwise></xsl:choose></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
  </section>
</xsl:template>

</xsl:stylesheet>
