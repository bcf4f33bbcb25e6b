package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.HostException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the operator's restrictions are written into master.cf. */
final class RestrictionsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "permit_mynetworks, reject_rbl_client  zen.example | permit_mynetworks,reject_rbl_client,zen.example",
        "''                                                 | ''",
        "' , a ,, b , '                                     | a,b",
        "check_policy_service { inet:p:1, timeout=10s }, b  | check_policy_service,{ inet:p:1, timeout=10s },b",
        "inline:{{a = REJECT b}}                            | inline:{{a = REJECT b}}",
        "pcre:{{/(.*)/ $1}}                                 | pcre:{{/(.*)/ $$1}}"
      })
  void aListIsOneWordOfMasterCf(String value, String word) throws Exception {
    assertThat(Restrictions.list(value)).isEqualTo(word);
    ServiceEntry entry =
        new MasterFile("smtp inet n - n - - smtpd\n  -o a=" + word + "\n  -o b=c\n")
            .entries()
            .get(0);
    assertThat(entry.override("a")).contains(word);
    assertThat(entry.override("b")).contains("c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"check_policy_service { a", "a } b", "{a}}{"})
  void whatWouldKillTheMasterIsNotWritten(String value) {
    assertThatThrownBy(() -> Restrictions.list(value)).isInstanceOf(HostException.class);
  }

  @Test
  void eachTableAdmitsAndTheRestComesAgain() {
    assertThat(
            Restrictions.of(
                    new Restrictions.Asked("", "", Map.of("smtpd_helo_restrictions", "reject")),
                    List.of("lmdb:/a", "cidr:/b"))
                .overrides())
        .containsExactly(
            "smtpd_restriction_classes=tlswaiver_waived",
            "tlswaiver_waived=permit",
            "smtpd_helo_restrictions=reject",
            "smtpd_client_restrictions=check_client_access,lmdb:/a,check_client_access,cidr:/b,defer");
  }
}
